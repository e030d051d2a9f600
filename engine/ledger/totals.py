"""Totals of all customers as they come together, and as the stages after them read them."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from whalecurve.engine.ledger.day_log import DayLog, Logged
from whalecurve.engine.ledger.sorted_runs import ROWS, FileRun, Names, Run, sorted_tables, totals_schema
from whalecurve.engine.orders import Audit, Orders, day_bounds, day_number
from whalecurve.engine.runtime import Columns, lazy_tables
from whalecurve.engine.unfinished import temporary_directory
from whalecurve.kernels.arrays import Int64

STREAMED_ROWS = 65_536
"""Customers in a table on its way through a query: of these, several are under way at a time."""


@dataclass(slots=True, kw_only=True)
class Gathered:
    """What has been found of the customers so far.

    parent : directory for what memory cannot hold; None: the system's for temporary files
    value : "margin" or "revenue", where days are logged; else None
    runs : totals
    logs : days, where they are logged; `place` in the totals says where a customer's are
    gaps : int64[span], how many gaps of d days between purchase days there are; empty without logs
    aside : where runs are, which memory cannot hold; `held` removes it
    """

    orders: Orders
    parent: Path | None
    value: str | None
    runs: list[Run] = field(default_factory=list)
    logs: list[Logged] = field(default_factory=list)
    gaps: Int64 = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    aside: Path | None = None
    held: ExitStack = field(default_factory=ExitStack)

    @property
    def n_customers(self) -> int:
        """Customers so far."""
        return sum(map(len, self.runs))

    def new_log(self) -> DayLog | None:
        """A day log, where days are logged."""
        return None if self.value is None else DayLog(lambda: self.parent, has_margin=self.orders.has_margin)

    def new_gaps(self, audit: Audit) -> Int64:
        """Room to count gaps of up to the days that are observed."""
        last, first = day_bounds(audit.window)[1], day_number(audit.first_day)
        return np.zeros(0 if self.value is None else max(last - first, 0) + 1, dtype=np.int64)

    def add_log(self, logged: Logged, gaps: Int64) -> int:
        """Take a day log, and the gaps counted in it; the number of the log."""
        self.logs.append(logged)
        self.gaps = self.gaps + gaps if self.gaps.size else gaps
        return len(self.logs) - 1

    def add(self, runs: Sequence[Run], *, stays: bool) -> None:
        """Take runs; they are put aside on disk, as one, unless they stay in memory."""
        runs = [run for run in runs if len(run)]
        if stays or not runs:
            self.runs += runs
            return
        if self.aside is None:
            self.aside = self.held.enter_context(temporary_directory(self.parent))
        self.runs.append(FileRun(runs, self.aside / f"run-{len(self.runs)}"))

    def close(self) -> None:
        """Remove what was put aside on disk."""
        self.runs.clear()
        for logged in self.logs:
            logged.log.close()
        self.held.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Totals of every customer, readable any number of times, sorted by customer.

    n_passes : over the order files
    n_disordered : customers computed by the order-free plan, as their lines did not come in time order
    refused : the refused lines kept, where a state keeps them
    """

    audit: Audit
    gathered: Gathered
    n_passes: int
    n_disordered: int
    refused: pl.DataFrame | None

    @property
    def orders(self) -> Orders:
        """The order log."""
        return self.gathered.orders

    @property
    def logs(self) -> list[Logged]:
        """The days of the customers, where they are logged."""
        return self.gathered.logs

    @property
    def gaps(self) -> Int64:
        """How many gaps of d days between purchase days there are."""
        return self.gathered.gaps

    @property
    def n_customers(self) -> int:
        """How many customers there are."""
        return self.gathered.n_customers

    def tables(self, rows: int = ROWS, columns: Names = None) -> Iterator[pl.DataFrame]:
        """Totals as `exact.customer_totals` has them, in tables of so many customers; these columns at least."""
        return sorted_tables(self.gathered.runs, rows, columns)

    def lazy(self, columns: Columns | None = None) -> pl.LazyFrame:
        """Totals as a query's source, with more columns beside them, by position in the order of the customers."""
        schema = totals_schema(self.orders, has_log=bool(self.logs))
        return lazy_tables(lambda names: self.tables(STREAMED_ROWS, names), schema, columns)

    def close(self) -> None:
        """Remove what was put aside on disk."""
        self.gathered.close()
