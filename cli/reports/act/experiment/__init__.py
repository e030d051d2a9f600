"""Texts of `whalecurve experiment`, one a file: plan, assign, read."""
