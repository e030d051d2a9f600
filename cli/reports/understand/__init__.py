"""Texts of the commands of the panel that its name has: what a log or a result says."""
