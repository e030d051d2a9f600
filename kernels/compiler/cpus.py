"""How many CPUs this process may use."""

import os
from pathlib import Path

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
