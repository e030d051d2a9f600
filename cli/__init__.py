"""The `whalecurve` command."""
