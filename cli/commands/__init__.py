"""The commands, one a file, by the panel of the help page that they are in."""
