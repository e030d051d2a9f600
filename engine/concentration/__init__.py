"""Whose value it is: the whale curve of customers, or of anything."""
