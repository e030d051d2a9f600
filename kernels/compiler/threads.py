"""Work on parts of arrays by several threads: compiled code holds no lock of the interpreter's.

Numba could run such loops itself, but its pools have to be imported with it, end a process that two threads call at
once where there is no OpenMP library, and do not survive a fork; and each loop has to be compiled twice.
"""

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache
from typing import Any

import numpy as np

from whalecurve.kernels.arrays import Matrix, Vector
from whalecurve.kernels.compiler.cpus import cpus
from whalecurve.kernels.compiler.jit import scalar

BLOCK = 4096
"""Histories, or customers, summed in one run. Fixed, so that a sum does not depend on the number of threads."""

FEW_BLOCKS, FEW_ROWS = 8, 1 << 16
"""Up to so many blocks of sums, or rows of arrays, threads cost more than they save."""

_cpus = cache(cpus)
"""Asked once: to read quotas takes as long as a small kernel, and a fit calls hundreds."""

_pools: dict[tuple[int, int], ThreadPoolExecutor] = {}


def threads() -> int:
    """Threads that kernels use: CPUs that this process may use, or fewer where NUMBA_NUM_THREADS says so."""
    told = os.environ.get("NUMBA_NUM_THREADS", "")
    return min(_cpus(), int(told)) if told.isdecimal() and int(told) > 0 else _cpus()


def _pool(n: int) -> ThreadPoolExecutor:
    """The pool of this process: one that it was forked with has lost its threads."""
    key = os.getpid(), n
    if key not in _pools:
        _pools.setdefault(key, ThreadPoolExecutor(n, thread_name_prefix="whalecurve"))
    return _pools[key]


def in_parts(work: Callable[[int, int], Any], n: int, *, few: int = FEW_BLOCKS) -> None:
    """Do `work(first, end)` for ranges that make up 0 to n - 1, on several threads if there are more than a few.

    Work must not ask for this itself: it would hold a thread of the pool, and wait for others of the same.
    """
    n_threads = 1 if n <= few else min(threads(), n)
    if n_threads == 1:
        work(0, n)
        return
    ends = [n * (part + 1) // n_threads for part in range(n_threads)]
    parts = list(zip([0, *ends[:-1]], ends, strict=True))
    running = _started(work, parts[1:])
    try:
        for part in [parts[0], *parts[1 + len(running) :]]:
            work(*part)
    finally:  # nobody writes to the caller's arrays when it goes on
        wait(running)
    for each in running:
        each.result()


def _started(work: Callable[[int, int], Any], parts: list[tuple[int, int]]) -> list[Future[Any]]:
    """The first of the parts, being done by other threads: all, or fewer if the interpreter is ending.

    It takes no more work for threads once the program's own code has run; what the program does at its exit, and
    threads of its own that it did not wait for, go on and may call kernels.
    """
    running: list[Future[Any]] = []
    try:
        for part in parts:
            running.append(_pool(len(parts)).submit(work, *part))
    except RuntimeError as error:
        if "shutdown" not in str(error):
            raise
    return running


def summed_blocks(fill: Callable[..., None], n: int, width: int, *arguments: Any) -> Vector:  # noqa: ANN401
    """Sum of the rows that `fill(rows, first, *arguments)` adds up, one for each block of `BLOCK` of n histories.

    first : number of the block that rows[0] is of

    Returns
    -------
    float64[width], the same to the bit for any number of threads
    """
    n_blocks = -(-n // BLOCK)
    rows = np.zeros((n_blocks, width))
    in_parts(lambda first, end: fill(rows[first:end], first, *arguments), n_blocks)
    return total_of(rows)


@scalar
def total_of(rows: Matrix) -> Vector:
    """The sum of rows, one after the other: float64[n, m] to float64[m]."""
    total = np.zeros(rows.shape[1])
    for i in range(rows.shape[0]):
        for j in range(rows.shape[1]):
            total[j] += rows[i, j]
    return total
