"""Two results compared: customers who moved between segments, and what moved in models and totals."""
