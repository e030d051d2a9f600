"""Threads: how many this process may run at once, and those that a fork took away."""

import os
import re
from contextlib import suppress
from pathlib import Path

from whalecurve.engine.errors import InputError
from whalecurve.kernels.compiler import jit

CGROUPS, OWN_GROUPS = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


def cpus() -> int:
    """CPUs that this process may use: those it is bound to, or fewer where a control group grants less time.

    Polars counts in the same way, numba and OpenMP see the binding only.
    """
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quotas = [int(quota) for folder in _groups() if (quota := _quota(folder)) is not None]
    return max(1, min([bound, *quotas]))


def _groups() -> list[Path]:
    """Directories of this process's control groups and those above, of both versions; some may not exist."""
    try:
        lines = OWN_GROUPS.read_text(encoding="utf-8").splitlines()
    except OSError:  # no such system
        return []
    folders = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "" or "cpu" in controllers.split(","):
            root = CGROUPS / "cpu" if controllers else CGROUPS
            inner = Path(path.lstrip("/"))
            folders += [root / part for part in (inner, *inner.parents)]  # in a container only the root may be there
    return folders


def _quota(folder: Path) -> float | None:
    """CPUs' worth of time that a control group grants; None for no limit."""
    try:
        if (folder / "cpu.max").exists():
            quota, period = (folder / "cpu.max").read_text(encoding="ascii").split()
        else:
            quota, period = (
                (folder / f"cpu.cfs_{name}_us").read_text(encoding="ascii").strip() for name in ("quota", "period")
            )
        return int(quota) / int(period) if int(quota) > 0 else None
    except (OSError, ValueError):  # no such group, or "max"
        return None


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
jit.limit_threads(cpus())
