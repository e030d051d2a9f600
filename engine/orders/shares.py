"""A share of the customers at a time, so that what is grouped by customer fits in memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import polars as pl

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)


@dataclass(frozen=True, slots=True)
class Share:
    """One of `n` shares of the customers, told by a hash of their ids: the same in lines and in tables of customers."""

    at: int
    n: int

    @property
    def condition(self) -> pl.Expr | None:
        """Whether a row is of these customers; None where all are."""
        return None if self.n == 1 else pl.col("customer_id").hash(seed=0) % self.n == self.at

    def of(self, rows: Frame) -> Frame:
        """The rows of these customers."""
        return rows if self.condition is None else rows.filter(self.condition)


EVERYBODY = Share(0, 1)


def shares_of(n_passes: int) -> Iterator[Share]:
    """The shares, one after the other; together they are everybody, each once."""
    for at in range(n_passes):
        yield Share(at, n_passes)
