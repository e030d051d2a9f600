"""How kernels are compiled: one policy for every file.

Compiled code is cached on disk where that is possible. numba raises at import when it
finds no writable place for its cache (a read-only install without a home), so the policy
asks first and compiles in memory there.

No `fastmath`: NaN must survive, and sums must not be reordered. `error_model="numpy"`:
division by zero gives inf or NaN, never an exception. `nogil`: callers run kernels from
several threads at once.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit, vectorize
from numba.extending import is_jitted
from numpy.typing import NDArray

Rows = NDArray[np.float64]


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

FEW_BLOCKS = 8
"""Up to so many blocks of work, threads cost more than they save."""


def in_blocks(serial: Callable[..., Rows], parallel: Callable[..., Rows], n_blocks: int) -> Callable[..., Rows]:
    """The serial or the parallel form of a kernel that writes one row of sums a block: the rows are the same."""
    return serial if n_blocks <= FEW_BLOCKS else parallel


@scalar
def total_of(rows: Rows) -> Rows:
    """The sum of rows, one after the other: float64[n, m] to float64[m]."""
    total = np.zeros(rows.shape[1])
    for i in range(rows.shape[0]):
        for j in range(rows.shape[1]):
            total[j] += rows[i, j]
    return total


def broadcast(function: Callable[..., float]) -> Callable[..., Any]:
    """A NumPy ufunc over a pointwise function; inside other jitted code it takes scalars too.

    It takes a plain function that calls a jitted one, never the jitted one itself: numba would compile that again,
    without its Python entry, and keep both under one name in its cache, where the wrong one crashes the next process.
    """
    if is_jitted(function):
        raise TypeError(f"{function} is compiled already; wrap it in a plain function")
    make: Callable[..., Any] = vectorize
    ufunc: Callable[..., Any] = make(cache=CACHE)(function)
    return ufunc
