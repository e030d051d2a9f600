"""Commands of the panel that its name has: from a log to a scored result and its page."""
