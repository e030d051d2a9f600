"""What the machine allows: memory, and how many passes over the orders keep within it."""

import math
import os
from pathlib import Path

BYTES_PER_LINE = 130
"""Peak bytes of the order-free plan for each order line it groups at once, ids of a few bytes, measured."""

SHARE_OF_MEMORY = 0.6
"""Of what is there; the rest is for the operating system and for everybody else."""

MOST_PASSES = 64


def available_memory() -> int:
    """Bytes that this process may use: the machine's memory, or less where a control group says so."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            total = min(total, int(Path(limit).read_text(encoding="ascii")))
        except (OSError, ValueError):  # no such control group, or "max"
            continue
    return total


def hash_passes(n_lines: int, memory: int | None) -> int:
    """Passes over the orders, each for its own part of the customers, that the memory asks for.

    `memory` in bytes; None takes a fixed share of what is there. The number of passes never changes a result.
    """
    budget = memory if memory is not None else int(SHARE_OF_MEMORY * available_memory())
    return max(1, min(MOST_PASSES, math.ceil(n_lines * BYTES_PER_LINE / budget)))
