"""The booking script, against the application and against one that fails it."""
