"""Fitted models to what a customer is worth."""
