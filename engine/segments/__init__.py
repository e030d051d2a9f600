"""Customers to named groups: RFM, matrix, tiers, lifecycle."""
