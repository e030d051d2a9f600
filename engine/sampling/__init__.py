"""Random samples of customers, to be asked."""
