"""Stage: order lines -> totals per customer, in one pass where order and memory allow.

Customers whose lines do not come in time order are computed by the order-free plan. Customers who do not fit into
memory wait for another pass. Neither changes a result.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.ledger.day_counts import DayCounts
from whalecurve.engine.ledger.day_log import Logged, LookedBack
from whalecurve.engine.ledger.id_order import rows_by_id
from whalecurve.engine.ledger.ledger import Ledgers
from whalecurve.engine.ledger.line_batches import is_text, keys_of, line_batches, takes_customers
from whalecurve.engine.ledger.order_free_passes import add_order_free
from whalecurve.engine.ledger.part import LedgerPart
from whalecurve.engine.ledger.sorted_runs import LedgerRun
from whalecurve.engine.ledger.state import State, StateWriter, read_state
from whalecurve.engine.ledger.time_order import in_time_order
from whalecurve.engine.ledger.totals import Gathered, Totals
from whalecurve.engine.orders import (
    REFUSED_ROWS_KEPT,
    Audit,
    Orders,
    audit_of,
    audit_orders,
    day_bounds,
    failures_named,
    refused_rows,
    reordered,
    verify_pages,
)
from whalecurve.engine.publication import published
from whalecurve.engine.runtime import Budget
from whalecurve.engine.settings import Window
from whalecurve.kernels.arrays import Bytes, Int64
from whalecurve.kernels.compiler.cpus import cpus
from whalecurve.kernels.ledger import ALL, is_disordered

MOST_DISORDERED = 0.25
"""Share of customers with lines out of order from which the order-free plan takes the whole log."""

LARGE_LEDGER = 128_000_000
"""Bytes of ledger from which it is put aside, where there is a directory for that: reading sorted totals from a file
three times costs no more than picking them out of the ledger each time, and half of the memory."""

LINES_TO_JUDGE = 1_000_000

UNDER_WAY = 1
"""Batches that may be under way when the next one is ready: a part of the ledger then need not wait for another."""

MOST_THREADS = 8

Accept = Callable[[Audit], None]


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
        raise InputError(
            f"{setting('state', state)}: customer ids of 128 bits have no ledger; leave {setting('state')} out"
        )
    with failures_named(orders), ExitStack() as saved:
        known = read_state(state, orders, window) if state is not None else None
        writer = StateWriter(saved.enter_context(published(state, name="state"))) if state is not None else None
        gathered = Gathered(orders=orders, parent=aside, value=value)
        reading = _Reading(gathered, window, budget, jobs, known, writer)
        with ExitStack() as on_failure:
            on_failure.callback(gathered.close)
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
        gathered: Gathered,
        window: Window,
        budget: Budget,
        jobs: int | None,
        known: State | None,
        writer: StateWriter | None,
    ) -> None:
        self._gathered, self._orders, self._window, self._budget = gathered, gathered.orders, window, budget
        self._known, self._writer = known, writer
        self._new = self._orders if known is None else reordered(self._orders, known.new_files(self._orders))
        self._ordered = in_time_order(self._new)
        self._n_threads = max(1, min(jobs or cpus(), MOST_THREADS))
        self._disordered: list[pl.Series] = []
        self._disordered_lines = 0

    def by_ledger(self, accept: Accept | None) -> Totals:
        counts, audit, n_passes = self._known.counts() if self._known else DayCounts(), None, 0
        waiting = _cut([(0, ALL)], self._n_threads)
        while waiting:
            shares, waiting = waiting[: self._n_threads], waiting[self._n_threads :]
            ledgers = Ledgers(shares, has_text=is_text(self._orders), new_log=self._gathered.new_log)
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
                    self._refuse_state(
                        f"lines after {audit.as_of} would be lost to it; give a later {setting('as_of')}"
                    )
            left = ledgers.given_up
            more = sum(b - a for a, b in (*waiting, *left))
            self._budget.check(
                int(sum(map(len, self._gathered.runs)) + ledgers.n_customers * (1 + more / ledgers.n_shares))
            )
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
        n_passes = 1 + add_order_free(self._gathered, audit, self._budget, audit.n_used)
        return self._finished(audit, n_passes, self._gathered.n_customers, None)

    def _fill(self, ledgers: Ledgers, counts: DayCounts | None) -> bool:
        """Read the orders once; False as soon as too many customers turn out to be out of order."""
        n_lines = 0
        for ids, hot, cold in self._known.ledgers() if self._known else ():
            ledgers.restore(keys_of(ids), hot, cold)
            self._shrink(ledgers)
        for entries in self._known.days() if self._known else ():
            ledgers.restore_days(entries)
        verify_pages(self._ordered.files, list(self._ordered.mapping.inputs))
        for lines in () if not self._ordered.files else line_batches(self._ordered, self._window, counts):
            if not self._settles(ledgers, n_lines, UNDER_WAY):  # while these lines were read, others were added
                return False
            ledgers.add(lines)
            n_lines += lines.key.size
        settles = self._settles(ledgers, n_lines)
        ledgers.close()
        return settles

    def _settles(self, ledgers: Ledgers, n_lines: int, under_way: int = 0) -> bool:
        """Wait for lines to be added, and make room; False where too many customers are out of order."""
        standing = ledgers.settle(under_way)
        if standing.n_bytes > self._budget.ledger:
            self._shrink(ledgers)
        return n_lines <= LINES_TO_JUDGE or standing.n_disordered <= MOST_DISORDERED * standing.n_customers

    def _shrink(self, ledgers: Ledgers) -> None:
        while ledgers.settle().n_bytes > self._budget.ledger and ledgers.halve():
            pass

    def _refuse_state(self, why: str) -> None:
        if self._writer is not None:
            raise InputError(
                f"{self._orders.name}: {setting('state')} cannot keep this log: {why}, or leave {setting('state')} out"
            )

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
        is_small = self._gathered.parent is None or ledgers.n_bytes < LARGE_LEDGER
        stays = keeps_all and is_small and self._budget.holds(ledgers.n_customers, ledgers.n_bytes)
        if self._writer is not None:
            for part in ledgers.parts:
                self._writer.add(part, self._orders)
        with ThreadPoolExecutor(max_workers=len(ledgers.parts)) as pool:
            closed = list(pool.map(lambda part: _Closed.of(part, self._gathered, audit), ledgers.parts))
        runs = [self._run_of(part) for part in closed]
        if not stays:
            for part in ledgers.parts:
                part.settle_days()
        self._gathered.add(runs, stays=stays)
        if not stays:
            ledgers.parts.clear()  # what comes next wants the memory

    def _run_of(self, closed: "_Closed") -> LedgerRun:
        state, n = closed.part.state, closed.part.n_customers
        hot, cold = state.hot[:n], state.cold[:n]
        days = None
        if closed.found is not None and closed.part.days is not None and self._gathered.value is not None:
            number = self._gathered.add_log(Logged(log=closed.part.days, skipped=closed.marked), closed.gaps)
            days = number, closed.found, self._gathered.value
        if closed.part.n_disordered:
            out_of_order = np.flatnonzero(closed.marked)
            found = LedgerRun(hot, cold, state.text, out_of_order, self._orders).table(0, out_of_order.size)
            self._disordered.append(found["customer_id"])
            self._disordered_lines += int(found["n_lines"].sum())
        return LedgerRun(hot, cold, state.text, closed.rows, self._orders, days)

    def _totals(self, audit: Audit, n_passes: int, refused: pl.DataFrame | None) -> Totals:
        n_disordered = 0
        if self._disordered:
            ids = pl.concat(self._disordered).to_frame()
            n_passes += add_order_free(self._gathered, audit, self._budget, self._disordered_lines, ids)
            n_disordered = ids.height
        return self._finished(audit, n_passes, n_disordered, refused)

    def _finished(self, audit: Audit, n_passes: int, n_disordered: int, refused: pl.DataFrame | None) -> Totals:
        return Totals(
            audit=audit, gathered=self._gathered, n_passes=n_passes, n_disordered=n_disordered, refused=refused
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Closed:
    """What is worked out of a part of the ledger once no more lines come, at the same time as of the others.

    marked : uint8[n], nonzero for customers out of order; rows : of the others, in the order of their ids
    found, gaps : what the day log says, where there is one
    """

    part: LedgerPart
    marked: Bytes
    rows: NDArray[np.integer[Any]]
    found: LookedBack | None
    gaps: Int64

    @classmethod
    def of(cls, part: LedgerPart, gathered: Gathered, audit: Audit) -> "_Closed":
        hot, text = part.state.hot[: part.n_customers], part.state.text
        marked = is_disordered(hot).view(np.uint8)
        in_order = np.flatnonzero(marked == 0) if part.n_disordered else np.arange(part.n_customers)
        rows = rows_by_id(hot, text, in_order)
        del in_order
        found, gaps = None, gathered.new_gaps(audit)
        if part.days is not None and gathered.value is not None:
            part.close_days()
            logged = Logged(log=part.days, skipped=marked)
            found = LookedBack.of(logged, day_bounds(audit.window)[1], gaps, value=gathered.value)
        return cls(part=part, marked=marked, rows=rows, found=found, gaps=gaps)


def _cut(shares: list[tuple[int, int]], n: int) -> list[tuple[int, int]]:
    """Ranges of shares cut into at least n, and no more than needed for pieces of about the same size."""
    size = max(1, -(-sum(b - a for a, b in shares) // n))
    return [(at, min(at + size, b)) for a, b in shares for at in range(a, b, size)]
