"""The machine at hand: memory, threads, buffers and tables that are read as they come."""
