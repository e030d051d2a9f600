"""This machine: memory, threads, buffers and tables that are read as they come."""
