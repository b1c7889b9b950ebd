"""Who runs a task."""
