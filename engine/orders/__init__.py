"""Order logs: files, mapping, what is read and what is refused."""
