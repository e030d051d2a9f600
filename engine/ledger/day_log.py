"""The day log of some customers, kept in memory while it is short and in a file when it is long."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.errors import InputError
from whalecurve.engine.runtime import Growing
from whalecurve.kernels.arrays import Bytes, Int64
from whalecurve.kernels.ledger import (
    EARLIER_VALUE,
    ENTRY,
    ENTRY_WORDS,
    PASSED_WORDS,
    RECENT_VALUE,
    YEAR_VALUE,
    begin,
    look_back,
    windows,
)

Folder = Callable[[], Path | None]

IN_MEMORY = 1 << 19
"""Entries that stay in memory."""

BLOCK = 1 << 14
"""Entries that are worked on together: few enough to stay near from one step to the next."""


class DayLog:
    """Entries as the ledger writes them, to be read any number of times in the order in which they were added."""

    def __init__(self, folder: Folder, *, has_margin: bool) -> None:
        """An empty log; `folder` is asked for a directory once it grows long (None: the system's for such files)."""
        self._folder, self._has_margin = folder, has_margin
        self._words = ENTRY_WORDS if has_margin else ENTRY_WORDS - 1
        self._recent: list[Int64] = []
        self._n_recent, self._n_filed = 0, 0
        self._file: FileIO | None = None

    def __len__(self) -> int:
        """Entries in it."""
        return self._n_filed + self._n_recent

    def add(self, entries: Int64) -> None:
        """Add entries, int64[m, 3]; none of them is held on to."""
        own = entries[:, : self._words]
        if self._file is not None:
            self._write([np.ascontiguousarray(own)])
            return
        self._recent.append(own.copy())
        self._n_recent += own.shape[0]
        if self._n_recent > IN_MEMORY:
            self._put_aside()

    def entries(self, n: int = BLOCK) -> Iterator[Int64]:
        """All entries, int64[m, 3], so many at a time; those of one time are gone with the next."""
        room = np.zeros((0 if self._has_margin else n, ENTRY_WORDS), dtype=np.int64)
        for entries in self._stored(n):
            if self._has_margin:
                yield entries
                continue
            room[: entries.shape[0], : self._words] = entries
            yield room[: entries.shape[0]]

    def renumbered(self, moved: NDArray[np.int32]) -> "DayLog":
        """The log of the customers i with a row moved[i] of their own, under that row; this one is closed."""
        own = DayLog(self._folder, has_margin=self._has_margin)
        for entries in self.entries():
            own.add(with_rows(entries, moved))
        self.close()
        return own

    def settle(self) -> None:
        """Keep no more in memory than has to be: nothing more will be added."""
        if self._folder() is not None and self._n_recent > BLOCK:
            self._put_aside()

    def close(self) -> None:
        """Give back memory and file."""
        self._recent.clear()
        self._n_recent = self._n_filed = 0
        if self._file is not None:
            self._file.close()
            self._file = None

    def _stored(self, n: int) -> Iterator[Int64]:
        if self._file is not None:
            self._file.seek(0)
            room = np.empty((n, self._words), dtype=np.int64)  # taking memory anew took as long as the work on it
            for start in range(0, self._n_filed, n):
                entries = room[: min(n, self._n_filed - start)]
                _read_into(entries, self._file)
                yield entries
        for entries in self._recent:
            for start in range(0, entries.shape[0], n):
                yield entries[start : start + n]

    def _put_aside(self) -> None:
        self._write(self._recent)
        self._recent.clear()
        self._n_recent = 0

    def _write(self, parts: Sequence[Int64]) -> None:
        folder = self._folder()
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="whalecurve-", dir=folder, buffering=0)  # noqa: SIM115 - closed with the log
            self._file.seek(0, 2)
            for entries in parts:
                entries.tofile(self._file)
        except OSError as error:
            place = folder or tempfile.gettempdir()
            raise InputError(
                f"{place}: no room for the customers' days ({error.strerror or error}); free some space, or write to "
                f"another disk"
            ) from error
        self._n_filed += sum(map(len, parts))


def _read_into(entries: Int64, file: FileIO) -> None:
    left = entries.data.cast("B")
    while left:
        n_read = file.readinto(left)
        if not n_read:
            raise EOFError("the day log is shorter than what was written to it")
        left = left[n_read:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """The days of n customers, numbered from 0; skipped : uint8[n], nonzero for those whose days are in another log."""

    log: DayLog
    skipped: Bytes


def with_rows(entries: Int64, moved: NDArray[np.int32]) -> Int64:
    """The entries of customers i with a row moved[i] >= 0, under that row."""
    rows = moved[entries[:, ENTRY] >> 32]
    kept: Int64 = entries[rows >= 0]
    kept[:, ENTRY] = (kept[:, ENTRY] & 0xFFFFFFFF) | (rows[rows >= 0].astype(np.int64) << 32)
    return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedBack:
    """What is known of n customers once their days were gone over; passed : int64[n, 4], as `look_back` leaves it."""

    passed: Int64

    @classmethod
    def of(cls, logged: Logged, as_of: int, gaps: Int64, *, value: str) -> Self:
        """Go over the days of a log; `gaps` are counted on the way."""
        passed = Growing(np.int64, PASSED_WORDS, logged.skipped.size).array
        begin(passed, logged.skipped)
        for entries in logged.log.entries():
            look_back(entries, value == "margin", as_of, passed, gaps)
        return cls(passed=passed)

    def columns(self, rows: Int64, value: Int64) -> list[pl.Series]:
        """Second purchase day, and what was spent of late, of some customers whose value in all is given."""
        spent, second = windows(self.passed, rows, value)
        numbers = {"year_value": YEAR_VALUE, "recent_value": RECENT_VALUE, "earlier_value": EARLIER_VALUE}
        days = pl.Series("second_day", second)
        return [days.set(days < 0, None), *(pl.Series(name, spent[at]) for name, at in numbers.items())]
