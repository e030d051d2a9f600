"""What a run waits for when its kernels are compiled."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from whalecurve.kernels.compiler import cache, kernel


@dataclass(slots=True)
class Compiled:
    """Kernels that were compiled, for how many kinds of arguments in all, and the seconds that this took."""

    n: int = 0
    seconds: float = 0.0


@contextmanager
def compiling(on_first: Callable[[], None]) -> Iterator[Compiled]:
    """Inside, `on_first` is called before the first kernel is compiled, unless others are there from an earlier run.

    Yields what has been compiled so far; nothing is counted where `on_first` was not called, for then it is little.

    Parameters
    ----------
    on_first
        Called once, before the first kernel is compiled.

    Returns
    -------
    Iterator[Compiled]
        A context manager: what has been compiled so far.

    Examples
    --------
    >>> from whalecurve import engine
    >>> with engine.compiling(lambda: print("compiling, once per machine")) as compiled:
    ...     run = engine.open_run("scores")
    """
    compiled = Compiled()
    is_first_run = not _has_kernels()

    @contextmanager
    def watch() -> Iterator[None]:
        if not compiled.n:
            on_first()
        began = time.perf_counter()
        yield
        compiled.n += 1
        compiled.seconds += time.perf_counter() - began

    if not is_first_run:
        yield compiled
        return
    before = kernel.watch
    kernel.watch = watch
    try:
        yield compiled
    finally:
        kernel.watch = before


def _has_kernels() -> bool:
    return cache.PLACE is not None and any(next(cache.PLACE.glob(pattern), None) for pattern in cache.PATTERNS)
