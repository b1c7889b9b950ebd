"""Who runs a task, in which slot, and how everybody hears what becomes of it."""
