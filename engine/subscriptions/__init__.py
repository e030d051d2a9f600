"""Contracts that are renewed or not: retention, what they are worth, why they end."""
