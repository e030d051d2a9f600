"""How kernels are compiled: one policy for every file.

Compiled code is cached on disk where that is possible. numba raises at import when it
finds no writable place for its cache (a read-only install without a home), so the policy
asks first and compiles in memory there.

No `fastmath`: NaN must survive, and sums must not be reordered. `error_model="numpy"`:
division by zero gives inf or NaN, never an exception. `nogil`: callers run kernels from
several threads at once.
"""

import functools

from numba import njit, vectorize


def _cache_is_possible() -> bool:
    try:
        njit(cache=True)(_cache_is_possible)
    except RuntimeError:  # "no locator available": neither the package nor a home directory is writable
        return False
    return True


CACHE = _cache_is_possible()

scalar = njit(cache=CACHE, error_model="numpy", nogil=True)
"""A pointwise function, or a serial loop over arrays."""

parallel = njit(cache=CACHE, error_model="numpy", nogil=True, parallel=True)
"""A loop whose iterations write slots of their own."""

broadcast = functools.partial(vectorize, cache=CACHE)()
"""A NumPy ufunc over a pointwise function; inside other jitted code it takes scalars too."""
