"""Stage: order lines, in any order -> totals per customer: partition, sort, scan."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from whalecurve.engine.audit import REFUSED_ROWS_KEPT, Audit, audit_of, refused_rows
from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.order_files import refuse_replaced, verify_pages
from whalecurve.engine.orders import (
    Orders,
    day_bounds,
    day_number,
    failures_named,
    last_complete,
    period_of,
    reordered,
    rows_read,
)
from whalecurve.engine.paths import is_web_url
from whalecurve.engine.publication import published
from whalecurve.engine.runtime import Budget
from whalecurve.engine.settings import Window
from whalecurve.engine.stages import OnLines
from whalecurve.engine.store.day_counts import DayCounts
from whalecurve.engine.store.days import Days
from whalecurve.engine.store.line_batches import bytes_of, integer_keys, is_text, line_batches
from whalecurve.engine.store.scan import Ask, Periods, scan
from whalecurve.engine.store.scratch import Scratch
from whalecurve.engine.store.state import State, StateWriter, read_state
from whalecurve.engine.store.store import PIECE_LINES, Shape, Store
from whalecurve.engine.store.totals_tables import TOTALS_HELD, Blocks, Totals
from whalecurve.kernels.arrays import Int64
from whalecurve.kernels.compiler.cpus import cpus

Accept = Callable[[Audit], None]

UNKNOWN_LINES = 50_000_000
"""Lines that a log is taken to have whose files do not say it: twice or half as many cost little."""

MOST_HELD = 192_000_000
"""Bytes of lines that stay in memory however much there is: writing more aside and reading it costs a few per cent."""

ON_THEIR_WAY = 300_000_000
"""Bytes that lines take while they are scattered, beside those that stay in memory."""

SAMPLED_FILES, SAMPLED_PLACES, SAMPLED_ROWS = 8, 2, 2_048
"""Files, places in each, and customers at each place that say how ids are spread over the log."""

MOST_THREADS = 8


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
    on_lines: OnLines | None = None,
) -> Totals:
    """Audit the orders and add them up.

    Parameters
    ----------
    accept
        Called with the audit as soon as it is known, to stop there.
    aside
        Directory for what memory cannot hold; None: the system's for temporary files.
    state
        Directory with the lines of earlier runs, added up, which is brought up to date; None: keep nothing.
    value
        "margin" or "revenue": keep the days of customers, and say what they spent of it of late. None: do not.
    on_lines
        Told how many lines of the files have been read, batch by batch.

    Raises
    ------
    InputError
        Nothing usable, a file that cannot be read to its end, a budget that is too small, a state that does not fit.
    """
    budget.check()
    n_threads = max(1, min(jobs or cpus(), MOST_THREADS))
    with failures_named(orders), ExitStack() as saved, ExitStack() as on_failure:
        before = read_state(state, orders, window) if state is not None else None
        writer = StateWriter(saved.enter_context(published(state, name="state"))) if state is not None else None
        lines_aside, totals_aside, days_aside = _scratches(aside, budget, on_failure)
        new = orders if before is None else reordered(orders, before.new_files(orders))
        shape = Shape.of(orders, has_counts=state is not None)
        store = Store(shape, lines_aside, _n_lines(new) + (before.n_lines() if before else 0), n_threads)
        counts = before.counts() if before else DayCounts()
        _fill(store, before, new, window, counts, on_lines)
        audit = audit_of(orders, window, counts.to_frame())
        if accept is not None:
            accept(audit)
        if writer is not None:
            _refuse_lost_lines(orders, audit)
        totals = _added_up(store, orders, audit, value, n_threads, aside, (totals_aside, days_aside), writer)
        lines_aside.close()
        budget.check(len(totals.blocks))
        refused = None
        if writer is not None:
            refused = _refused(new, audit, before)
            writer.finish(orders, window, counts, refused, before)
        on_failure.pop_all()
        return Totals(
            orders=orders,
            audit=audit,
            blocks=totals.blocks,
            gaps=totals.gaps,
            days=totals.days,
            value=value,
            refused=refused,
            on_close=(totals_aside.close, days_aside.close),
        )


def _scratches(aside: Path | None, budget: Budget, on_failure: ExitStack) -> tuple[Scratch, Scratch, Scratch]:
    """Room for lines, totals and days, given back on failure."""
    lines = Scratch(aside, max(0, min(budget.store - ON_THEIR_WAY, MOST_HELD)), "order lines")
    totals, days = (Scratch(aside, TOTALS_HELD, f"the customers' {what}") for what in ("totals", "days"))
    for scratch in (lines, totals, days):
        on_failure.callback(scratch.close)
    return lines, totals, days


def _refuse_lost_lines(orders: Orders, audit: Audit) -> None:
    """A state is to hold all lines: those after the end of the window would never be read again."""
    if audit.refused.get("after_as_of"):
        raise InputError(
            f"{orders.name}: {setting('state')} cannot keep this log: lines after {audit.as_of} would be lost to "
            f"it; give a later {setting('as_of')}, or leave {setting('state')} out"
        )


def _n_lines(orders: Orders) -> int:
    return orders.n_rows if orders.n_rows is not None else UNKNOWN_LINES


def _fill(
    store: Store, before: State | None, new: Orders, window: Window, counts: DayCounts, on_lines: OnLines | None
) -> None:
    """Put the lines of a state, and of files that it does not hold, into the store."""
    sample = _sample(new)
    if sample is not None:
        store.judge_by(sample)
    for lines in before.lines(new) if before else ():
        store.add(lines)
    verify_pages(new.files, list(new.mapping.inputs))
    for lines in line_batches(new, window, counts, on_lines) if new.files else ():
        store.add(lines)
    refuse_replaced(new.files)
    store.close()


def _sample(orders: Orders) -> Int64 | pl.Series | None:
    """Customers from all over a long log, as the store takes them; None where its first lines will do.

    Ids often grow with time: the first lines would then tell nothing of those of the last ones.
    """
    files = [file for file in orders.files if not is_web_url(file.path) and file.n_rows]
    if sum(file.n_rows or 0 for file in files) < 2 * PIECE_LINES:
        return None
    chosen = (
        [files[i * len(files) // SAMPLED_FILES] for i in range(SAMPLED_FILES)] if len(files) > SAMPLED_FILES else files
    )
    places = SAMPLED_PLACES * SAMPLED_FILES // len(chosen)
    customer = orders.mapping.roles["customer"].expr.alias("customer_id")
    queries = [
        rows_read(reordered(orders, [file])).slice(at * (file.n_rows or 0) // places, SAMPLED_ROWS).select(customer)
        for file in chosen
        for at in range(places)
    ]
    ids = pl.concat(pl.collect_all(queries))["customer_id"].drop_nulls()
    return bytes_of(ids).cast(pl.Binary) if is_text(orders) else integer_keys(ids)


def _added_up(
    store: Store,
    orders: Orders,
    audit: Audit,
    value: str | None,
    n_threads: int,
    aside: Path | None,
    scratch: tuple[Scratch, Scratch],
    writer: StateWriter | None,
) -> "_AddedUp":
    since, until = day_bounds(audit.window)
    first_day = day_number(audit.first_day)
    ask = Ask(
        since=since or 0,
        until=until,
        uses_margin=value == "margin",
        n_gap_days=0 if value is None else until - first_day + 1,
        wants_days=value is not None,
        periods=_periods(audit, first_day),
        wants_lines=writer is not None,
    )
    blocks, days = Blocks(orders, scratch[0]), None
    if value is not None:
        days = Days(scratch[1], has_margin=orders.has_margin)
    gaps = np.zeros(ask.n_gap_days, dtype=np.int64)
    for part in scan(store, ask, n_threads, aside):
        first = len(blocks)
        blocks.add(part.added)
        gaps += part.gaps
        if days is not None:
            days.add(part.entries, first, len(blocks))
        if writer is not None and part.lines is not None:
            writer.add(part.lines, orders)
    blocks.close()
    return _AddedUp(blocks, gaps, days)


@dataclass(frozen=True, slots=True)
class _AddedUp:
    """What a scan left."""

    blocks: Blocks
    gaps: Int64
    days: Days | None


def _periods(audit: Audit, first_day: int) -> Periods | None:
    window = audit.window
    if window.period is None:
        return None
    days = pl.select(day=pl.int_range(first_day, day_number(window.as_of) + 1, dtype=pl.Int32))
    of_day = days.select(period_of(pl.col("day"), window.period).cast(pl.Int32)).to_series().to_numpy()
    return Periods(first_day=first_day, of_day=of_day, last=last_complete(window.as_of, window.period))


def _refused(new: Orders, audit: Audit, before: State | None) -> pl.DataFrame:
    """The refused lines of the new files, and those that were kept of the old ones."""
    tables = [before.refused()] if before else []
    if new.files:
        tables.append(refused_rows(new, audit))
    rows = pl.concat(tables, how="diagonal")
    return rows.group_by("reason", maintain_order=True).head(REFUSED_ROWS_KEPT).select(rows.columns)
