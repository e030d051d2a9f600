"""Arbitrary-precision references: mpmath from the models' definitions, nothing of ours."""
