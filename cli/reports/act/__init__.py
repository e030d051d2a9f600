"""Texts of the commands of the panel that its name has: lists of whom to ask, write to or try something on."""
