"""From words to a scene and back: `reading.read` makes a `Scene` of a prompt, `telling.tell` a sentence of a scene."""
