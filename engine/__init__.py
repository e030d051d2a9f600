"""Order logs in, scored customers out."""
