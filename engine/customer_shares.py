"""A share of the customers, or of orders, at a time, so that what is grouped by them fits in memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import polars as pl

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)


@dataclass(frozen=True, slots=True)
class Share:
    """One of `n` shares of all ids, told by their hashes: the same in lines and in tables of customers."""

    at: int
    n: int

    def of(self, rows: Frame, ids: str = "customer_id") -> Frame:
        """The rows whose ids are in this share; those without an id are in one share as well."""
        return self.of_hashes(rows, pl.col(ids).hash(seed=0))

    def of_hashes(self, rows: Frame, hashes: pl.Expr) -> Frame:
        """The rows whose hashes, which they hold or give, are in this share."""
        return rows if self.n == 1 else rows.filter(hashes % self.n == self.at)


EVERYBODY = Share(0, 1)
LINES_PER_PASS = 10_000_000
"""Lines that are grouped at once; memory, not results, depends on it."""


def passes_for(n_lines: int, at_once: int | None = None) -> int:
    """Passes over so many lines, in each of which about `at_once` lines are grouped; None: `LINES_PER_PASS`."""
    return max(1, -(-n_lines // (LINES_PER_PASS if at_once is None else at_once)))


def shares_of(n_passes: int) -> Iterator[Share]:
    """The shares, one after the other; together they are all ids, each once."""
    for at in range(n_passes):
        yield Share(at, n_passes)
