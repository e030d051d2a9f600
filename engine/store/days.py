"""The days of all customers, in the order of the customers' ids: what measures over time are counted from."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from whalecurve.engine.store.scratch import Kept, Scratch
from whalecurve.kernels.arrays import Int64
from whalecurve.kernels.store import ENTRY_WORDS, DayEntry

AT_ONCE = 1 << 14
"""Entries that are worked on together: few enough to stay near from one step to the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Entries of the customers at `first` to `end`, who are numbered from 0."""

    first: int
    end: int
    entries: Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The days of the customers at `first` to `end`."""

    first: int
    end: int
    days: "Days"

    def entries(self) -> Iterator[Int64]:
        """int64[m, 3], some at a time, customers numbered from `first`; those of one time are gone with the next."""
        return self.days.entries_of(self)


class Days:
    """Entries as the kernel `scan_customers` writes them, in the order of the customers, and of days within each."""

    def __init__(self, scratch: Scratch, *, has_margin: bool) -> None:
        """Nothing yet; without margin no word is kept for it."""
        self._scratch, self._words = scratch, ENTRY_WORDS if has_margin else ENTRY_WORDS - 1
        self._parts: list[_Part] = []

    def add(self, entries: Int64, first: int, end: int) -> None:
        """Take entries, int64[m, 3], of the customers at `first` to `end`, who are numbered from 0."""
        kept = self._scratch.put(np.ascontiguousarray(entries[:, : self._words]).reshape(-1))
        self._parts.append(_Part(first=first, end=end, entries=kept))

    def stretches(self, n: int) -> list[Stretch]:
        """The customers in at most n stretches of about the same number of days; at least one."""
        total, size, stretches = sum(part.entries.size for part in self._parts), 0, list[Stretch]()
        first = end = 0
        for part in self._parts:
            size, end = size + part.entries.size, part.end
            if size * n >= total * (len(stretches) + 1):
                stretches.append(Stretch(first=first, end=end, days=self))
                first = end
        if first < end or not stretches:
            stretches.append(Stretch(first=first, end=end, days=self))
        return stretches

    def entries_between(self, first: int, end: int) -> Int64:
        """int64[m, 3] of the customers at `first` to `end`, numbered by their position: for what needs few of them."""
        pieces = [np.zeros((0, ENTRY_WORDS), dtype=np.int64)]
        for part in self._parts:
            if part.end <= first or end <= part.first:
                continue
            start, stop = (self._place(part, customer - part.first) for customer in (first, end))
            entries = np.zeros((stop - start, ENTRY_WORDS), dtype=np.int64)
            words = part.entries.read(start * self._words, stop * self._words)
            entries[:, : self._words] = words.reshape(-1, self._words)
            entries[:, DayEntry.CUSTOMER_AND_DAY] += np.int64(part.first) << 32
            pieces.append(entries)
        return np.concatenate(pieces)

    def _place(self, part: _Part, customer: int) -> int:
        """Where the entries of a customer of a part begin."""
        words = self._words

        def customer_at(i: int) -> int:
            return int(part.entries.read(i * words, i * words + 1)[0] >> 32)

        return bisect_left(range(part.entries.size // words), customer, key=customer_at)

    def entries_of(self, stretch: Stretch) -> Iterator[Int64]:
        """See `Stretch.entries`."""
        room, words = np.zeros((AT_ONCE, ENTRY_WORDS), dtype=np.int64), self._words
        for part in self._parts:
            if not stretch.first <= part.first < stretch.end:
                continue
            n = part.entries.size // words
            for start in range(0, n, AT_ONCE):
                end = min(start + AT_ONCE, n)
                entries = room[: end - start]
                entries[:, :words] = part.entries.read(start * words, end * words).reshape(-1, words)
                entries[:, DayEntry.CUSTOMER_AND_DAY] += np.int64(part.first - stretch.first) << 32
                yield entries
