"""Commands of the panel that its name has: what is done around the runs."""
