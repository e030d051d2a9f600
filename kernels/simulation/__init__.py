"""Order logs drawn from the models."""
