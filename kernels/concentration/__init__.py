"""Whale and Lorenz curves, Gini and its relatives, negative values included."""
