"""Stage: order lines -> totals per customer, in one pass where order and memory allow.

Customers whose lines do not come in time order are computed by the order-free plan. Customers who do not fit into
memory wait for another pass. Neither changes a result.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.audit import REFUSED_ROWS_KEPT, Audit, audit_of, audit_orders, day_bounds, refused_rows
from whalecurve.engine.blame import failures_named
from whalecurve.engine.config import Window
from whalecurve.engine.day_counts import DayCounts
from whalecurve.engine.day_log import DayLog, Logged, LookedBack, looked_back
from whalecurve.engine.errors import InputError
from whalecurve.engine.exact import customer_totals
from whalecurve.engine.ledger import LedgerPart, Ledgers
from whalecurve.engine.lines import is_text, keys_of, line_batches, takes_customers
from whalecurve.engine.logged_days import order_free_log
from whalecurve.engine.orders import Orders, reordered
from whalecurve.engine.output import published
from whalecurve.engine.runs import ROWS, FileRun, LedgerRun, Run, TableRun, sorted_tables, totals_schema
from whalecurve.engine.runtime import Budget, hash_passes
from whalecurve.engine.sorting import rows_by_id
from whalecurve.engine.source import Columns, lazy_tables
from whalecurve.engine.state import State, StateWriter, read_state
from whalecurve.engine.threads import cpus
from whalecurve.engine.time_order import in_time_order
from whalecurve.kernels.ledger import ALL, is_disordered

MOST_DISORDERED = 0.25
"""Share of customers with lines out of order from which the order-free plan takes the whole log."""

LARGE_LEDGER = 128_000_000
"""Bytes of ledger from which it is put aside, where there is a directory for that: reading sorted totals from a file
three times costs no more than picking them out of the ledger each time, and half of the memory."""

LINES_TO_JUDGE = 1_000_000

STREAMED_ROWS = 65_536
"""Customers in a table on its way through a query: of these, several are under way at a time."""

MOST_THREADS = 8

Int64 = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Accept = Callable[[Audit], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Totals of every customer, readable any number of times, sorted by customer.

    n_passes : over the order files
    n_disordered : customers computed by the order-free plan, as their lines did not come in time order
    refused : the refused lines kept, where a state keeps them
    logs : the days of the customers, where days are logged; `place` in the totals says where a customer's are
    gaps : int64[span], how many gaps of d days between purchase days there are; empty without logs
    """

    orders: Orders
    audit: Audit
    runs: list[Run]
    n_passes: int
    n_disordered: int
    refused: pl.DataFrame | None
    logs: list[Logged]
    gaps: Int64
    aside: tempfile.TemporaryDirectory[str] | None

    @property
    def n_customers(self) -> int:
        """How many customers there are."""
        return sum(map(len, self.runs))

    def tables(self, rows: int = ROWS) -> Iterator[pl.DataFrame]:
        """Totals as `exact.customer_totals` has them, in tables of so many customers."""
        return sorted_tables(self.runs, rows)

    def lazy(self, columns: Columns | None = None) -> pl.LazyFrame:
        """Totals as a query's source, with more columns beside them, by position in the order of the customers."""
        return lazy_tables(
            lambda: self.tables(STREAMED_ROWS), totals_schema(self.orders, has_log=bool(self.logs)), columns
        )

    def close(self) -> None:
        """Remove what was put aside on disk."""
        self.runs.clear()
        for logged in self.logs:
            logged.log.close()
        if self.aside is not None:
            self.aside.cleanup()


def read_totals(
    orders: Orders,
    window: Window,
    budget: Budget,
    *,
    accept: Accept | None = None,
    jobs: int | None = None,
    aside: Path | None = None,
    state: Path | None = None,
    value: str | None = None,
) -> Totals:
    """Audit the orders and add them up.

    Parameters
    ----------
    accept
        Called with the audit as soon as it is known, to stop there.
    aside
        Directory for what memory cannot hold; None: the system's for temporary files.
    state
        Directory with the ledger of earlier runs, which is brought up to date; None: begin anew and keep nothing.
    value
        "margin" or "revenue": log the days of customers, and add up what they spent of it of late. None: do not.

    Raises
    ------
    InputError
        Nothing usable, a file that cannot be read to its end, a budget that is too small, a state that does not fit.
    """
    budget.check()
    if state is not None and not takes_customers(orders):
        raise InputError(f"--state {state}: customer ids of 128 bits have no ledger; leave --state out")
    with failures_named(orders), ExitStack() as saved:
        known = read_state(state, orders, window) if state is not None else None
        writer = StateWriter(saved.enter_context(published(state, option="--state"))) if state is not None else None
        reading = _Reading(orders, window, budget, jobs, aside, known, writer, value)
        with ExitStack() as on_failure:
            on_failure.callback(reading.clean_up)
            if takes_customers(orders):
                totals = reading.by_ledger(accept)
            else:
                totals = reading.order_free(audit_orders(orders, window), accept)
            on_failure.pop_all()
        return totals


class _Reading:
    """One reading of a log, in as many passes as it takes."""

    def __init__(
        self,
        orders: Orders,
        window: Window,
        budget: Budget,
        jobs: int | None,
        aside: Path | None,
        known: State | None,
        writer: StateWriter | None,
        value: str | None,
    ) -> None:
        self._orders, self._window, self._budget = orders, window, budget
        self._known, self._writer, self._value = known, writer, value
        self._new = orders if known is None else reordered(orders, known.new_files(orders))
        self._ordered = in_time_order(self._new)
        self._n_threads = max(1, min(jobs or cpus(), MOST_THREADS))
        self._parent = aside
        self._aside: tempfile.TemporaryDirectory[str] | None = None
        self._runs: list[Run] = []
        self._logs: list[Logged] = []
        self._gaps = np.zeros(0, dtype=np.int64)
        self._disordered: list[pl.Series] = []

    def by_ledger(self, accept: Accept | None) -> Totals:
        counts, audit, n_passes = self._known.counts() if self._known else DayCounts(), None, 0
        waiting = _cut([(0, ALL)], self._n_threads)
        while waiting:
            shares, waiting = waiting[: self._n_threads], waiting[self._n_threads :]
            ledgers = Ledgers(shares, has_text=is_text(self._orders), new_log=self._new_log)
            n_passes += 1
            is_ordered = self._fill(ledgers, counts if audit is None else None)
            if audit is None:
                if not is_ordered:
                    ledgers.discard()
                    del ledgers  # the order-free plan wants the memory
                    self._refuse_state("its lines are not in time order; sort them")
                    return self.order_free(audit_orders(self._orders, self._window), accept)
                audit = audit_of(self._orders, self._window, counts.to_frame())
                if accept is not None:
                    accept(audit)
                if audit.refused.get("after_as_of"):
                    self._refuse_state(f"lines after {audit.as_of} would be lost to it; give a later --as-of")
            left = ledgers.given_up
            more = sum(b - a for a, b in (*waiting, *left))
            self._budget.check(int(sum(map(len, self._runs)) + ledgers.n_customers * (1 + more / ledgers.n_shares)))
            if left:
                n_more = -(-more // ledgers.n_shares)
                waiting = _cut([*waiting, *left], n_more * self._n_threads)
            self._keep(ledgers, audit, keeps_all=not waiting and n_passes == 1)
        assert audit is not None, "there was a pass"
        refused = None
        if self._writer is not None:
            refused = self._refused(audit)
            self._writer.finish(self._orders, self._window, counts, refused, self._known)
        return self._totals(audit, n_passes, refused)

    def order_free(self, audit: Audit, accept: Accept | None) -> Totals:
        if accept is not None:
            accept(audit)
        self._runs.clear()
        n_passes = hash_passes(audit.n_used, self._budget.grouping)
        for part in range(n_passes):
            mine = None if n_passes == 1 else pl.col("customer_id").hash(seed=0) % n_passes == part
            run = TableRun(self._order_free_table(audit, mine))
            self._runs.append(run if n_passes == 1 else self._put_aside(run))
        return self._finished(audit, 1 + n_passes, sum(map(len, self._runs)), None)

    def clean_up(self) -> None:
        """Remove what was put aside on disk."""
        self._runs.clear()
        for logged in self._logs:
            logged.log.close()
        if self._aside is not None:
            self._aside.cleanup()

    def _fill(self, ledgers: Ledgers, counts: DayCounts | None) -> bool:
        """Read the orders once; False as soon as too many customers turn out to be out of order."""
        n_lines = 0
        for ids, hot, cold in self._known.ledgers() if self._known else ():
            ledgers.restore(keys_of(ids), hot, cold)
            self._shrink(ledgers)
        for entries in self._known.days() if self._known and self._value else ():
            ledgers.restore_days(entries)
        for lines in () if not self._ordered.files else line_batches(self._ordered, self._window, counts):
            ledgers.add(lines)
            n_lines += lines.key.size
            self._shrink(ledgers)
            if n_lines > LINES_TO_JUDGE and ledgers.n_disordered > MOST_DISORDERED * ledgers.n_customers:
                return False
        ledgers.close()
        return True

    def _shrink(self, ledgers: Ledgers) -> None:
        while ledgers.n_bytes > self._budget.ledger and ledgers.halve():
            pass

    def _refuse_state(self, why: str) -> None:
        if self._writer is not None:
            raise InputError(f"{self._orders.name}: --state cannot keep this log: {why}, or leave --state out")

    def _refused(self, audit: Audit) -> pl.DataFrame:
        """The refused lines of the new files, and those that were kept of the old ones."""
        tables = [self._known.refused()] if self._known else []
        if self._new.files:
            tables.append(refused_rows(self._new, audit))
        return (
            pl.concat(tables).group_by("reason", maintain_order=True).head(REFUSED_ROWS_KEPT).select(tables[0].columns)
        )

    def _keep(self, ledgers: Ledgers, audit: Audit, *, keeps_all: bool) -> None:
        """Sort what a pass found into runs, put aside where memory needs to be free."""
        is_small = self._parent is None or ledgers.n_bytes < LARGE_LEDGER
        stays = keeps_all and is_small and self._budget.holds(ledgers.n_customers, ledgers.n_bytes)
        while ledgers.parts:
            part = ledgers.parts.pop()  # what is put aside is let go before the next
            if self._writer is not None:
                self._writer.add(part, self._orders)
            run = self._run_of(part, audit)
            if not stays:
                part.settle_days()
            if len(run):
                self._runs.append(run if stays else self._put_aside(run))
            del part, run

    def _run_of(self, part: LedgerPart, audit: Audit) -> LedgerRun:
        state, n = part.state, part.n_customers
        hot, cold = state.hot[:n], state.cold[:n]
        rows = np.arange(n)
        days = self._look_back(part, is_disordered(hot).view(np.uint8), audit)
        if part.n_disordered:
            marked = is_disordered(hot)
            rows, out_of_order = np.flatnonzero(~marked), np.flatnonzero(marked)
            run = LedgerRun(hot, cold, state.text, out_of_order, self._orders)
            self._disordered.append(run.table(0, out_of_order.size)["customer_id"])
        return LedgerRun(hot, cold, state.text, rows_by_id(hot, state.text, rows), self._orders, days)

    def _look_back(self, part: LedgerPart, skipped: Bytes, audit: Audit) -> tuple[int, LookedBack] | None:
        """The number of a part's day log, and what each of its customers spent of late."""
        if part.days is None or self._value is None:
            return None
        part.close_days()
        last = self._expect_gaps(audit)
        self._logs.append(Logged(log=part.days, skipped=skipped))
        return len(self._logs) - 1, looked_back(self._logs[-1], last, self._gaps, value=self._value)

    def _expect_gaps(self, audit: Audit) -> int:
        """Make room to count gaps of up to the days that are observed; the last of those days."""
        last = day_bounds(audit.window)[1]
        first = int(np.datetime64(audit.first_day, "D").astype(np.int64))
        if not self._gaps.size:
            self._gaps = np.zeros(max(last - first, 0) + 1, dtype=np.int64)
        return last

    def _order_free_table(
        self, audit: Audit, mine: pl.Expr | None = None, only: pl.DataFrame | None = None
    ) -> pl.DataFrame:
        """Totals of some customers by the order-free plan; their days are logged where days are."""
        if self._value is None:
            return customer_totals(self._orders, audit.window, mine, only=only).collect(engine="streaming")
        self._expect_gaps(audit)
        table, logged = order_free_log(
            self._orders, audit.window, self._folder, len(self._logs), self._gaps,
            value=self._value, customers=mine, only=only,
        )  # fmt: skip
        self._logs.append(logged)
        return table

    def _totals(self, audit: Audit, n_passes: int, refused: pl.DataFrame | None) -> Totals:
        n_disordered = 0
        if self._disordered:
            ids = pl.concat(self._disordered).to_frame()
            self._runs.append(TableRun(self._order_free_table(audit, only=ids)))
            n_disordered, n_passes = ids.height, n_passes + 1
        return self._finished(audit, n_passes, n_disordered, refused)

    def _finished(self, audit: Audit, n_passes: int, n_disordered: int, refused: pl.DataFrame | None) -> Totals:
        return Totals(
            orders=self._orders,
            audit=audit,
            runs=self._runs,
            n_passes=n_passes,
            n_disordered=n_disordered,
            refused=refused,
            logs=self._logs,
            gaps=self._gaps,
            aside=self._aside,
        )

    def _new_log(self) -> DayLog | None:
        return None if self._value is None else DayLog(self._folder, has_margin=self._orders.has_margin)

    def _folder(self) -> Path | None:
        """Where long day logs go."""
        return self._parent

    def _put_aside(self, run: Run) -> FileRun:
        if self._aside is None:
            self._aside = tempfile.TemporaryDirectory(prefix="whalecurve-", dir=self._parent)
        return FileRun(run, Path(self._aside.name) / f"run-{len(self._runs)}")


def _cut(shares: list[tuple[int, int]], n: int) -> list[tuple[int, int]]:
    """Ranges of shares cut into at least n, and no more than needed for pieces of about the same size."""
    size = max(1, -(-sum(b - a for a, b in shares) // n))
    return [(at, min(at + size, b)) for a, b in shares for at in range(a, b, size)]
