"""How kernels are compiled: one policy for every file.

Compiled code is cached on disk where that is possible (`cache`).

No `fastmath`: NaN must survive, and sums must not be reordered. `error_model="numpy"`:
division by zero gives inf or NaN, never an exception. `nogil`: callers run kernels from
several threads at once.
"""

import functools
import os
import threading
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numba import get_num_threads, njit, set_num_threads, vectorize
from numba.extending import is_jitted
from numba.np.ufunc import threading_layer

from whalecurve.kernels.arrays import Matrix
from whalecurve.kernels.compiler.cache import PLACE, in_place
from whalecurve.kernels.compiler.cpus import cpus

Kernel = Callable[..., Any]

CACHE = PLACE is not None


def _compiled(function: Kernel, **how: bool) -> Any:  # noqa: ANN401 - numba is untyped
    make: Callable[..., Any] = njit
    with in_place():
        return make(cache=CACHE, error_model="numpy", nogil=True, **how)(function)


def scalar(function: Kernel) -> Any:  # noqa: ANN401
    """A pointwise function, or a serial loop over arrays."""
    return _compiled(function)


def parallel(function: Kernel) -> Kernel:
    """A loop whose iterations write slots of their own; to be called from Python, not from compiled code.

    One call at a time: they would share the cores anyway, and numba's thread pool where there is no OpenMP library
    ends the process when two threads call it at once. Serial in a child that was forked when the pool was running:
    the child has none of its threads, and OpenMP ends such a process.
    """
    threaded = _compiled(function, parallel=True)
    # Under a name of its own: both forms under one name would be one entry of numba's cache.
    name = f"{function.__name__}_serial"
    copy = types.FunctionType(function.__code__, function.__globals__, name, function.__defaults__)
    copy.__qualname__ = name
    serial = _compiled(copy)

    @functools.wraps(function)
    def run(*arguments: Any) -> Any:  # noqa: ANN401
        if pool_is_lost:
            return serial(*arguments)
        with _one_at_a_time, _few_threads():
            return threaded(*arguments)

    return run


_one_at_a_time = threading.Lock()
pool_is_lost = False
"""Whether this process was forked from one whose thread pool was running."""

_most_threads: int | None = None


def limit_threads(n: int) -> None:
    """Let parallel kernels use no more than n threads; unless told, `cpus()`, as numba knows no CPU quotas."""
    global _most_threads
    _most_threads = n


@contextmanager
def _few_threads() -> Iterator[None]:
    global _most_threads
    if _most_threads is None:
        _most_threads = cpus()
    usual = get_num_threads()
    if usual <= _most_threads:
        yield
        return
    set_num_threads(_most_threads)
    try:
        yield
    finally:
        set_num_threads(usual)


def _note_fork() -> None:
    global pool_is_lost
    try:
        threading_layer()
    except ValueError:  # no pool was running: the child may start its own
        return
    pool_is_lost = True


os.register_at_fork(after_in_child=_note_fork)

FEW_BLOCKS = 8
"""Up to so many blocks of work, threads cost more than they save."""


def in_blocks(serial: Callable[..., Matrix], parallel: Callable[..., Matrix], n_blocks: int) -> Callable[..., Matrix]:
    """The serial or the parallel form of a kernel that writes one row of sums a block: the rows are the same."""
    return serial if n_blocks <= FEW_BLOCKS or pool_is_lost else parallel


def every_form() -> Iterator[str]:
    """Switch all kernels to their serial and their parallel forms in turn, whatever the work; to fill the cache."""
    global FEW_BLOCKS, pool_is_lost
    usual = FEW_BLOCKS, pool_is_lost
    try:
        pool_is_lost = True
        yield "serial"
        if not usual[1]:
            FEW_BLOCKS, pool_is_lost = 0, False
            yield "parallel"
    finally:
        FEW_BLOCKS, pool_is_lost = usual


@scalar
def total_of(rows: Matrix) -> Matrix:
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
    with in_place():
        ufunc: Callable[..., Any] = make(cache=CACHE)(function)
    return ufunc
