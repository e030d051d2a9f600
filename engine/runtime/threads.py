"""Threads that a fork took away."""

import os
import re
from contextlib import suppress
from pathlib import Path

from whalecurve.engine.errors import InputError


def refuse_lost_pool() -> None:
    """To be called before work that uses Polars; a forked child of a process that had used it would wait for ever.

    Raises
    ------
    InputError
        This process is such a child.
    """
    global _uses_polars
    if _pool_is_lost:
        raise InputError(
            "this process was forked from one that had already used Polars, whose threads a fork leaves behind; "
            "start worker processes by spawn or forkserver, or fork them before the first use of Polars"
        )
    _uses_polars = True


_uses_polars = False
_pool_is_lost = False


def _polars_is_running() -> bool:
    """Whether Polars has started its pool, for us or for anybody else in this process."""
    if _uses_polars:
        return True
    for thread in Path("/proc/self/task").glob("*/comm"):
        with suppress(OSError):  # it ended meanwhile
            if re.fullmatch(r"polars-\d+\n", thread.read_text(encoding="utf-8")):
                return True
    return False


def _before_fork() -> None:
    global _uses_polars
    _uses_polars = _polars_is_running()


def _after_fork_in_child() -> None:
    global _pool_is_lost
    _pool_is_lost = _pool_is_lost or _uses_polars


os.register_at_fork(before=_before_fork, after_in_child=_after_fork_in_child)
