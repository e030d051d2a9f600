"""Who moved between two results."""
