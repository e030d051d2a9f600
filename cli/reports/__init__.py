"""Results as text and JSON, a command a file."""
