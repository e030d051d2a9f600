"""How kernels are compiled, cached, and made to prefetch."""
