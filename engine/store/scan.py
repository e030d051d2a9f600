"""The store scanned: each partition put in order and added up, several at a time, results in the order of the ids."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from whalecurve.engine.store.line_batches import ends_and_bytes
from whalecurve.engine.store.scratch import Scratch
from whalecurve.engine.store.store import SPLIT_LINES, Collected, Store
from whalecurve.engine.store.totals_tables import Added, text_ids
from whalecurve.kernels.arrays import Bytes, Int32, Int64
from whalecurve.kernels.store import (
    COUNT_WORDS,
    DAY_WORDS,
    ENTRY_WORDS,
    MONEY_WORDS,
    NO_BYTES,
    NO_ENTRIES,
    NO_NUMBERS,
    DayEntry,
    Rows,
    combine,
    group,
    scan_customers,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Periods:
    """Calendar periods in place of days: of_day[d - first_day] is that of day d; those up to `last` count."""

    first_day: int
    of_day: Int32
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What is wanted of the customers.

    since, until : first and last day that count
    uses_margin : value is margin, else revenue
    n_gap_days : gaps of fewer days than this are counted; 0: none are
    wants_days : whether the days of each customer are wanted; periods : None without
    wants_lines : whether lines are wanted too, those of a customer, day, order and kind added up
    """

    since: int
    until: int
    uses_margin: bool
    n_gap_days: int
    wants_days: bool
    periods: Periods | None
    wants_lines: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What a scan gives of some customers, in the order of their ids.

    gaps : int64[n_gap_days]; entries : int64[m, 3], customers numbered from 0
    lines : lines added up, where they are wanted
    """

    added: Added
    gaps: Int64
    entries: Int64
    lines: Collected | None


def scan(store: Store, ask: Ask, n_threads: int, folder: Path | None) -> Iterator[Scanned]:
    """Everything in the store, some neighbouring partitions at a time, in the order of the ids.

    folder : for the lines of partitions that have to be divided once more; None: the system's
    """
    if not store.has_lines:
        return
    under_way: deque[Future[list[Scanned]]] = deque()
    with ThreadPoolExecutor(max_workers=n_threads) as pool:
        try:
            for start, end in store.groups():
                if len(under_way) > n_threads:
                    yield from under_way.popleft().result()
                under_way.append(pool.submit(_scanned, store, start, end, ask, folder))
            while under_way:
                yield from under_way.popleft().result()
        finally:
            for left in under_way:
                left.cancel()


def _scanned(store: Store, start: int, end: int, ask: Ask, folder: Path | None) -> list[Scanned]:
    if end - start == 1 and store.n_of_part[start] > SPLIT_LINES:
        scratch = Scratch(folder, 0, "order lines")
        divided = store.divided(start, scratch)
        try:
            if divided.n_parts > 1:
                groups = divided.groups()
                return [part for first, last in groups for part in _scanned(divided, first, last, ask, folder)]
        finally:
            scratch.close()
    gathered = store.collected(start, end)
    parts = [
        _of_partition(gathered.columns, int(a), int(b), ask)
        for a, b in zip(gathered.bounds[:-1], gathered.bounds[1:], strict=True)
        if b > a
    ]
    return [_joined(parts)] if parts else []


def _of_partition(columns: Collected, start: int, end: int, ask: Ask) -> Scanned:
    """The customers of one partition, the lines start to end."""
    n = end - start
    has_text = columns.ends.size > 0
    key, day = columns.key[start:end], columns.day[start:end]
    ends = columns.ends[start : end + 1] if has_text else NO_NUMBERS
    by_customer, first_row = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    starts = np.empty(n + 1, dtype=np.int64)
    m = group(key, day, ends, columns.text, by_customer, starts, first_row)
    own_ends, own_text = NO_NUMBERS, NO_BYTES
    if has_text:
        ids = text_ids(ends, columns.text).gather(first_row[:m].astype(np.uint32))
        order = ids.arg_sort().to_numpy().astype(np.int64)
        own_ends, own_text = ends_and_bytes(ids.gather(order.astype(np.uint32)))
    else:
        order = np.argsort(key[first_row[:m]])
    rows = Rows(
        day=day,
        amount=columns.amount[start:end],
        margin=_part(columns.margin, start, end),
        order=_part(columns.order, start, end),
        kind=columns.kind[start:end],
        n_lines=columns.n_lines[start:end] if columns.n_lines.size else columns.n_lines,
    )
    gaps = np.zeros(ask.n_gap_days, dtype=np.int64)
    entries = np.empty((n, ENTRY_WORDS), dtype=np.int64) if ask.wants_days else NO_ENTRIES
    days, counts, money = _room(m)
    n_entries = scan_customers(
        rows, by_customer, starts, order, ask.since, ask.until, ask.uses_margin, days, counts, money, gaps, entries
    )
    lines = _combined(columns, rows, by_customer, starts, order, key, own_ends, own_text) if ask.wants_lines else None
    added = Added(
        key=NO_NUMBERS if has_text else key[first_row[:m]][order],
        ends=own_ends,
        text=own_text,
        days=days,
        counts=counts,
        money=money,
        period=None if ask.periods is None else _by_period(rows, by_customer, starts, order, ask.periods, ask),
    )
    return Scanned(added=added, gaps=gaps, entries=entries[:n_entries], lines=lines)


def _by_period(
    rows: Rows, by_customer: Int32, starts: Int64, order: Int64, periods: Periods, ask: Ask
) -> tuple[Int32, Int64, Int64]:
    """Totals with periods in place of days; a window that begins in the middle of one takes what is in the window."""
    days, counts, money = _room(order.size)
    is_in = (rows.day >= ask.since) & (rows.day <= ask.until)
    of_row = np.where(is_in, periods.of_day[np.where(is_in, rows.day - periods.first_day, 0)], periods.last + 1)
    of_row = np.where(rows.day < ask.since, -1, of_row).astype(np.int32)
    scan_customers(
        rows._replace(day=of_row), by_customer, starts, order, 0, periods.last, ask.uses_margin, days, counts, money,
        NO_NUMBERS, NO_ENTRIES,
    )  # fmt: skip
    return days, counts, money


def _room(m: int) -> tuple[Int32, Int64, Int64]:
    return (
        np.empty((m, DAY_WORDS), dtype=np.int32),
        np.empty((m, COUNT_WORDS), dtype=np.int64),
        np.empty((m, MONEY_WORDS), dtype=np.int64),
    )


def _part(column: Int64, start: int, end: int) -> Int64:
    return column[start:end] if column.size else column


def _joined(parts: list[Scanned]) -> Scanned:
    """What scans of one partition after the other give."""
    if len(parts) == 1:
        return parts[0]
    totals = [part.added for part in parts]
    sizes = np.cumsum([0, *(own.days.shape[0] for own in totals)])
    for first, part in zip(sizes, parts, strict=False):
        if part.entries.shape[0]:
            part.entries[:, DayEntry.CUSTOMER_AND_DAY] += np.int64(first) << 32
    periods = [own.period for own in totals]
    whole = Added(
        key=np.concatenate([own.key for own in totals]),
        ends=_ends([own.ends for own in totals]),
        text=np.concatenate([own.text for own in totals]),
        days=np.concatenate([own.days for own in totals]),
        counts=np.concatenate([own.counts for own in totals]),
        money=np.concatenate([own.money for own in totals]),
        period=None if periods[0] is None else tuple(np.concatenate(columns) for columns in zip(*periods, strict=True)),  # type: ignore[arg-type]
    )
    return Scanned(
        added=whole,
        gaps=np.stack([part.gaps for part in parts]).sum(axis=0),
        entries=np.concatenate([part.entries for part in parts]),
        lines=_joined_lines([part.lines for part in parts if part.lines is not None]),
    )


def _ends(parts: list[Int64]) -> Int64:
    """Ends of bytes that stand one after the other."""
    if not parts[0].size:
        return NO_NUMBERS
    return np.concatenate([[0], np.cumsum(np.concatenate([np.diff(part) for part in parts]))])


def _joined_lines(parts: list[Collected]) -> Collected | None:
    if not parts:
        return None
    names = ("key", "day", "amount", "margin", "order", "kind", "n_lines", "text")
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return Collected(ends=_ends([part.ends for part in parts]), **columns)


def _combined(
    columns: Collected,
    rows: Rows,
    by_customer: Int32,
    starts: Int64,
    order: Int64,
    key: Int64,
    own_ends: Int64,
    own_text: Bytes,
) -> Collected:
    """The lines of a partition, those of a customer, day, order and kind added up, in the order of the ids."""
    n = rows.day.size
    customer, day, kind = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32), np.empty(n, dtype=np.uint8)
    amount, margin = np.empty(n, dtype=np.int64), np.empty(rows.margin.size, dtype=np.int64)
    of_order, n_lines = np.empty(rows.order.size, dtype=np.int64), np.empty(n, dtype=np.int32)
    size = combine(rows, by_customer, starts, order, customer, day, amount, margin, of_order, kind, n_lines)
    customer = customer[:size]
    ends, text = NO_NUMBERS, NO_BYTES
    if columns.ends.size:
        ids = text_ids(own_ends, own_text).gather(customer.astype(np.uint32))
        ends, text = ends_and_bytes(ids)
    rows_of = by_customer[starts[order[customer]]]
    return Collected(
        key=key[rows_of],
        day=day[:size],
        amount=amount[:size],
        margin=margin[: size if margin.size else 0],
        order=of_order[: size if of_order.size else 0],
        kind=kind[:size],
        n_lines=n_lines[:size],
        ends=ends,
        text=text,
    )
