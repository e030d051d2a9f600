"""What the machine allows: memory, and what can be done within it."""

import math
import os
from dataclasses import dataclass, replace
from pathlib import Path

from whalecurve.engine.errors import InputError, setting

BYTES_PER_LINE = 220
"""Peak bytes of the order-free plan for each order line it groups at once, ids of a few bytes, measured."""

READING, READING_A_LINE = 300_000_000, 300
"""What reading the orders takes at most, and for each line where these are few: row groups decoded ahead, batches."""

WRITING, WRITING_A_CUSTOMER = 330_000_000, 1_500
"""What scoring and writing take at most, and for each customer where these are few: tables on their way into files."""

BYTES_PER_CUSTOMER = 64
"""What the stages that look at all customers at once hold for each: sorted values, histories, ranks."""

BYTES_TO_RANK = 32
"""What ranking all customers takes for each, in addition, where it goes on beside the fit."""

LEAST_STORE, STORED_A_LINE = 64_000_000, 150
"""The least that order lines are given in memory, and for each line where these are few."""

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


def resident_memory() -> int:
    """Bytes that this process holds now."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):  # not Linux
        return 200_000_000
    return pages * os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Memory to keep to, in bytes.

    base : what the process holds before it begins
    n_lines : order lines in the files; None where that is not known
    """

    total: int
    base: int
    n_lines: int | None = None

    @property
    def store(self) -> int:
        """What order lines may take in memory while they are read."""
        return max(self._least_store, self.total - self.base - self._reading)

    @property
    def now(self) -> "Budget":
        """The same limit for a process that by now holds more than when it began."""
        return replace(self, base=resident_memory())

    def passes(self, n_lines: int) -> int:
        """Passes over so many order lines, each for its own share of the customers, that grouping them asks for."""
        return hash_passes(n_lines, self.store)

    def is_ample(self, n_customers: int) -> bool:
        """Whether so many customers can be ranked while models are fitted to them."""
        return self.base + _scoring(n_customers) + n_customers * BYTES_TO_RANK <= self.total

    def least(self, n_customers: int = 0) -> int:
        """Bytes that reading the orders, and scoring so many customers, cannot do without."""
        return self.base + max(self._reading + self._least_store, _scoring(n_customers))

    def check(self, n_customers: int = 0) -> None:
        """Make sure that there is enough to read the orders, and to score so many customers.

        Raises
        ------
        InputError
            The budget is too small, whatever the number of passes.
        """
        least = self.least(n_customers)
        if self.total < least:
            customers = f" for {n_customers:,} customers" if n_customers else ""
            raise InputError(
                f"{setting('memory')} {self.total / 1e6:,.0f}MB is too little{customers}; the least that would do is "
                f"{math.ceil(least / 1e7) * 10}MB"
            )

    @property
    def _reading(self) -> int:
        return READING if self.n_lines is None else min(READING, READING_A_LINE * self.n_lines)

    @property
    def _least_store(self) -> int:
        return LEAST_STORE if self.n_lines is None else min(LEAST_STORE, STORED_A_LINE * self.n_lines)


def _scoring(n_customers: int) -> int:
    return n_customers * BYTES_PER_CUSTOMER + min(WRITING, n_customers * WRITING_A_CUSTOMER)


def memory_budget(memory: int | None, n_lines: int | None = None) -> Budget:
    """The budget of `memory` bytes; None takes a fixed share of what is there.

    Raises
    ------
    InputError
        Something else than a number of bytes.
    """
    if memory is not None and not isinstance(memory, int):
        raise InputError(f"{setting('memory', memory)} is not a number of bytes; give one, as 4_000_000_000 for 4 GB")
    total = memory or int(SHARE_OF_MEMORY * available_memory())
    return Budget(total=total, base=resident_memory(), n_lines=n_lines)


def hash_passes(n_lines: int, memory: int) -> int:
    """Passes over the order lines, each for its own share of the customers, that so many bytes ask for.

    The number of passes never changes a result.
    """
    return max(1, min(MOST_PASSES, math.ceil(n_lines * BYTES_PER_LINE / memory)))
