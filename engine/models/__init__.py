"""Purchase histories to fitted models."""
