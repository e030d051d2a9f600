"""Messages on stderr, and what must be set before the engine is imported; results go to stdout."""

import gc
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

M_MMAP_THRESHOLD, LARGE_ARRAY = -3, 1 << 20  # malloc.h


def json_line(level: str, message: str, **more: object) -> str:
    """A message for programs: one JSON object in one line, with the time in UTC."""
    import json  # imported late: help texts need none of it

    record = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "level": level, "message": message} | more
    return json.dumps(record, ensure_ascii=False)


def say(text: str, *, as_json: bool = False) -> None:
    """One line on stderr, there at once."""
    sys.stderr.write((json_line("info", text) if as_json else text) + "\n")
    sys.stderr.flush()


class JsonLines(logging.Formatter):
    """Log lines as JSON objects."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        return json_line(record.levelname.lower(), record.getMessage(), logger=record.name)


@contextmanager
def compiling_told(tell: Callable[[str], None]) -> Iterator[None]:
    """Tell it if the command has to compile kernels first, as the first run on a machine does, and how long it took."""
    from whalecurve.engine import compiling  # imported late: the engine takes threads as it is loaded

    first = (
        "compiling kernels for this machine, once; this takes a minute or two (in an image, run `whalecurve warmup` "
        "when it is built)"
    )
    with compiling(lambda: tell(first)) as compiled:
        yield
    if compiled.n:
        tell(f"compiled {compiled.n} kernels in {compiled.seconds:.0f} s; later runs start at once")


def set_up_logging(*, verbose: bool, quiet: bool = False, as_json: bool = False) -> None:
    """One line a stage on stderr if asked for; warnings always, but where all shall be quiet."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if as_json else logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    level = logging.INFO if verbose else logging.ERROR if quiet else logging.WARNING
    logging.basicConfig(level=level, handlers=[handler])


POOLS = (
    "POLARS_MAX_THREADS",
    "NUMBA_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "ARROW_IO_THREADS",
)
"""Where libraries look for the size of their pools, as they are imported or first used; Arrow computes on OpenMP's."""


def limit_threads(jobs: int | None) -> None:
    """Give every library that the engine rests on as many threads, at most one a CPU; must come before their import.

    None leaves the choice to the libraries and the engine, which mind CPU quotas and the environment.
    """
    if jobs is None or "polars" in sys.modules:  # which keeps the number that it began with
        return
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    os.environ |= dict.fromkeys(POOLS, str(min(jobs, bound)))


def collect_seldom() -> None:
    """Let Python look for cyclic garbage after 100,000 new objects, not 700: what imports make stays."""
    gc.set_threshold(100_000, 20, 20)


def return_memory() -> None:
    """Let allocators give memory back as soon as it is free; must come before the import of the engine.

    Polars' allocator keeps freed pages for ten seconds, glibc keeps freed arrays below a size that grows to 32 MB: of
    five million customers, 300 MB at the peak.
    """
    import ctypes  # imported late: help texts need none of it

    os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:1000,muzzy_decay_ms:0")
    with suppress(OSError, AttributeError):  # not glibc
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE_ARRAY)
