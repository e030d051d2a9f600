"""Numeric kernels on arrays and floats: numpy and numba only, for any job to embed."""
