"""Exact totals of customers from order lines, update by update."""
