"""The ledger of all customers: one hash table per thread, each for its own share of them."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple, Self

from whalecurve.engine.ledger.day_log import DayLog
from whalecurve.engine.ledger.part import LedgerPart
from whalecurve.kernels.arrays import Int64
from whalecurve.kernels.ledger import Lines


class Standing(NamedTuple):
    """How ledgers stand: customers, those whose lines did not come in time order, memory that they take."""

    n_customers: int
    n_disordered: int
    n_bytes: int

    @classmethod
    def of(cls, part: LedgerPart) -> Self:
        """How a part stands."""
        return cls(part.n_customers, part.n_disordered, part.n_bytes)


def _standing_with(part: LedgerPart, lines: Lines) -> Standing:
    """How a part stands once lines have been added."""
    part.add(lines)
    return Standing.of(part)


class Ledgers:
    """Ledgers of some shares of the customers, a thread for each range of shares."""

    def __init__(
        self, shares: Sequence[tuple[int, int]], *, has_text: bool, new_log: Callable[[], DayLog | None] | None = None
    ) -> None:
        """Empty ledgers; `new_log` makes a day log for each. None: no days are logged."""
        self.parts = [
            LedgerPart(first, last, has_text=has_text, days=None if new_log is None else new_log())
            for first, last in shares
        ]
        self._least = 2 * self.n_bytes
        self.given_up: list[tuple[int, int]] = []
        """Shares that there was no room for."""
        self._pools = [ThreadPoolExecutor(max_workers=1) for _ in shares] if len(shares) > 1 else []
        self._adding: deque[list[Future[Standing]]] = deque()
        self._standing = [Standing.of(part) for part in self.parts]

    @property
    def n_shares(self) -> int:
        """Shares that are kept."""
        return sum(part.last - part.first for part in self.parts)

    @property
    def n_customers(self) -> int:
        """Customers so far."""
        return sum(part.n_customers for part in self.parts)

    @property
    def n_bytes(self) -> int:
        """Memory that customers take."""
        return sum(part.n_bytes for part in self.parts)

    def add(self, lines: Lines) -> None:
        """Begin to add lines to every part, at the same time; `settle` waits for the end of it."""
        if self._pools:
            parts = zip(self._pools, self.parts, strict=True)
            self._adding.append([pool.submit(_standing_with, part, lines) for pool, part in parts])
        else:
            self.parts[0].add(lines)

    def settle(self, under_way: int = 0) -> Standing:
        """Wait until so many batches of lines at most are being added; how the ledgers stood after all others."""
        while len(self._adding) > under_way:
            self._standing = [added.result() for added in self._adding.popleft()]
        if not self._adding:
            self._standing = [Standing.of(part) for part in self.parts]
        return Standing(*map(sum, zip(*self._standing, strict=True)))

    def restore(self, ids: Lines, hot: Int64, cold: Int64) -> None:
        """Add saved customers to the parts they belong to."""
        for part in self.parts:
            part.restore(ids, hot, cold)

    def restore_days(self, entries: Int64) -> None:
        """Add saved days to the parts that their customers belong to."""
        for part in self.parts:
            part.restore_days(entries)

    def halve(self) -> bool:
        """Give up half of the shares, and the memory that they took; False where that would not free half of it."""
        if self.n_shares < 2 * len(self.parts) or self.n_bytes <= self._least:
            return False
        for part in self.parts:
            middle, last = part.first + max(1, (part.last - part.first) // 2), part.last
            if middle < last:
                part.keep(middle)
                self.given_up.append((middle, last))
        return True

    def discard(self) -> None:
        """End the threads and remove the day logs: the orders are read in another way."""
        self.close()
        for part in self.parts:
            if part.days is not None:
                part.days.close()

    def close(self) -> None:
        """End the threads and give back what only more lines would need."""
        self.settle()
        for pool in self._pools:
            pool.shutdown()
        for part in self.parts:
            part.forget_table()
