"""The one-pass ledger: order lines in, one row of exact totals per customer out.

`update` takes lines in time order; `merge` joins the ledgers of an earlier and a later stretch of time; `totals`
closes the books. A customer whose lines did not come in time order is marked, `is_disordered`, and has to be
computed in another way: everything else is exact, whatever the batches.

A purchase day has at least one sale line, and no return line or positive net revenue. An order is a distinct
order id among a customer's sale lines of one day; lines without an id count as one order a day.
"""

import numpy as np
from numpy.typing import NDArray

from whalecurve.kernels.arrays import Int32, Int64
from whalecurve.kernels.compiler.intrinsics import prefetch
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.ledger.days import entry_of, is_purchase, mark
from whalecurve.kernels.ledger.hash_table import (
    find_rows,
    has_room,
    is_new_order,
    mixed,
    share_of,
)
from whalecurve.kernels.ledger.layout import (
    BEGAN_WITHOUT_PURCHASE,
    BLOCK,
    CHUNK,
    DAY_ORDER,
    DAY_REVENUE,
    DISORDERED,
    EARLIEST,
    ENTRY,
    ENTRY_MARGIN,
    ENTRY_REVENUE,
    EPOCH,
    EPOCH_SHIFT,
    FIRST_DAY,
    FIRST_MARGIN,
    FIRST_REVENUE,
    FLAG_BITS,
    FLAGS,
    HAS_ORDER,
    HAS_RETURN,
    HAS_SALE,
    HAS_SEVERAL_ORDERS,
    HAS_UNNAMED_ORDER,
    LAST_DAY,
    LAST_EPOCH,
    MARGIN,
    N_DAYS,
    N_DISORDERED,
    N_LINES,
    N_LOGGED,
    N_ORDERS,
    N_RETURNS,
    N_SEEN,
    OPEN_DAY,
    RETURNED,
    REVENUE,
    STREAM_DAY,
    Ledger,
    Lines,
    empty_ledger,
)
from whalecurve.kernels.ledger.merging import merge

AHEAD = 24
"""Rows that are asked for ahead of the one at work, where their order is no longer that of memory."""

ALL = 65_536
"""Shares into which hashes divide the customers; `first=0, last=ALL` takes everybody."""


@scalar
def update(ledger: Ledger, lines: Lines, start: int, first: int, last: int) -> int:
    """Add the lines from `start` on, of the customers whose share s is first <= s < last.

    Returns
    -------
    int
        The line to go on with: the number of lines when all are done, less when the ledger has no room for another
        block of them; the caller then makes it larger and calls again.
    """
    key, ends, text = lines.key, lines.ends, lines.text
    is_divided = first > 0 or last < ALL
    hashes, rows, places = np.empty(CHUNK, np.uint64), np.empty(CHUNK, np.int64), np.empty(CHUNK, np.int64)
    n = key.shape[0]
    while start < n:
        size = min(CHUNK, n - start)
        if not has_room(ledger, size, ends[start + size] - ends[start] if ends.shape[0] > 0 else 0):
            return start
        n_mine = 0
        for line in range(start, start + size):
            hashed = mixed(key[line])
            if is_divided and not first <= share_of(hashed) < last:
                continue
            hashes[n_mine], places[n_mine] = hashed, line
            n_mine += 1
        find_rows(ledger, hashes, key, text, ends, places, rows, n_mine)
        _add_lines(ledger, lines, places, rows, n_mine)
        start += size
    return start


@scalar
def _add_lines(ledger: Ledger, lines: Lines, places: Int64, rows: Int64, n: int) -> None:
    hot, cold, counters = ledger.hot, ledger.cold, ledger.counters
    seen_customer, seen_order, seen_epoch = ledger.seen_customer, ledger.seen_order, ledger.seen_epoch
    counts, cold_counts = hot.view(np.int32), cold.view(np.int32)
    days, amounts, margins = lines.day, lines.amount, lines.margin
    orders, nulls, returns = lines.order, lines.order_is_null, lines.is_return
    has_margin, has_order = margins.shape[0] > 0, orders.shape[0] > 0
    has_nulls, has_flags = nulls.shape[0] > 0, returns.shape[0] > 0
    stream_day = counters[STREAM_DAY]
    log, n_logged = ledger.log, counters[N_LOGGED]
    has_log = log.shape[0] > 0
    for begin in range(0, n, BLOCK):
        end = min(begin + BLOCK, n)
        for i in range(begin, end):
            line, row = places[i], rows[i]
            opens = counts[row, OPEN_DAY] >= 0 and counts[row, OPEN_DAY] != days[line]
            if amounts[line] < 0 or (opens and counts[row, N_DAYS] == 0):
                prefetch(cold, row)
        for i in range(begin, end):
            line, row = places[i], rows[i]
            day, amount = days[line], amounts[line]
            if day != stream_day:
                stream_day = day
                counters[EPOCH] += 1
                counters[N_SEEN] = 0
                counters[EARLIEST] = min(counters[EARLIEST], day)
            if day != counts[row, OPEN_DAY]:
                flags, open_day = counts[row, FLAGS], counts[row, OPEN_DAY]
                is_bought = is_purchase(flags, hot[row, DAY_REVENUE])
                if has_log and open_day >= 0:
                    log[n_logged, ENTRY] = entry_of(row, open_day, is_bought)
                    log[n_logged, ENTRY_REVENUE] = hot[row, DAY_REVENUE]
                    log[n_logged, ENTRY_MARGIN] = hot[row, MARGIN]
                    n_logged += 1
                if is_bought:
                    if counts[row, N_DAYS] == 0:
                        cold_counts[row, FIRST_DAY] = open_day
                        cold[row, FIRST_REVENUE] = hot[row, REVENUE] - cold[row, FIRST_REVENUE]
                        cold[row, FIRST_MARGIN] = hot[row, MARGIN] - cold[row, FIRST_MARGIN]
                    counts[row, N_DAYS] += 1
                    counts[row, LAST_DAY] = open_day
                elif counts[row, N_DAYS] == 0 and open_day >= 0:
                    cold[row, FIRST_REVENUE] = hot[row, REVENUE]
                    cold[row, FIRST_MARGIN] = hot[row, MARGIN]
                    flags |= BEGAN_WITHOUT_PURCHASE
                flags &= DISORDERED | BEGAN_WITHOUT_PURCHASE
                if day < open_day and not flags & DISORDERED:
                    flags |= DISORDERED
                    counters[N_DISORDERED] += 1
                counts[row, FLAGS] = flags
                hot[row, DAY_REVENUE] = 0
                counts[row, OPEN_DAY] = day
            hot[row, REVENUE] += amount
            hot[row, DAY_REVENUE] += amount
            if has_margin:
                hot[row, MARGIN] += margins[line]
            counts[row, N_LINES] += 1
            is_return = returns[line] != 0 if has_flags else amount < 0
            if is_return:
                cold[row, RETURNED] -= amount
                cold_counts[row, N_RETURNS] += 1
                counts[row, FLAGS] |= HAS_RETURN
                continue
            flags = counts[row, FLAGS] | HAS_SALE
            if has_order:
                if has_nulls and nulls[line] != 0:
                    if not flags & HAS_UNNAMED_ORDER:
                        flags |= HAS_UNNAMED_ORDER
                        counts[row, N_ORDERS] += 1
                elif not flags & HAS_ORDER:
                    hot[row, DAY_ORDER] = orders[line]
                    flags |= HAS_ORDER
                    counts[row, N_ORDERS] += 1
                elif hot[row, DAY_ORDER] != orders[line] and not flags & DISORDERED:  # the marked need no set
                    epoch = counters[EPOCH]
                    if not flags & HAS_SEVERAL_ORDERS and epoch <= LAST_EPOCH:
                        flags = (flags & FLAG_BITS) | (epoch << EPOCH_SHIFT) | HAS_SEVERAL_ORDERS
                    if flags >> EPOCH_SHIFT != epoch:  # days came between: which orders there were is forgotten
                        mark(counts, counters, row)
                        flags |= DISORDERED
                    elif is_new_order(seen_customer, seen_order, seen_epoch, counters, row, orders[line]):
                        counts[row, N_ORDERS] += 1
            counts[row, FLAGS] = flags
    counters[STREAM_DAY], counters[N_LOGGED] = stream_day, n_logged


@scalar
def totals(hot: Int64, cold: Int64, rows: Int64) -> tuple[Int32, Int64, Int64]:
    """Totals of the customers in `rows`, their open days closed; the state itself stays as it is.

    Returns
    -------
    days : int32[m, 2], first and last purchase day; -1 where there is none
    counts : int64[m, 4], purchase days, orders, lines, return lines
    money : int64[m, 6], sold, returned, revenue, margin, and revenue and margin of the first purchase day
    """
    m = rows.shape[0]
    days, counted, money = np.empty((m, 2), np.int32), np.empty((m, 4), np.int64), np.empty((m, 6), np.int64)
    counts, cold_counts = hot.view(np.int32), cold.view(np.int32)
    for i in range(m):
        if i + AHEAD < m:
            prefetch(hot, rows[i + AHEAD])
            prefetch(cold, rows[i + AHEAD])
        row = rows[i]
        n_days, first, last = counts[row, N_DAYS], cold_counts[row, FIRST_DAY], counts[row, LAST_DAY]
        revenue, margin = hot[row, REVENUE], hot[row, MARGIN]
        first_revenue, first_margin = cold[row, FIRST_REVENUE], cold[row, FIRST_MARGIN]
        if is_purchase(counts[row, FLAGS], hot[row, DAY_REVENUE]):
            if n_days == 0:
                first = counts[row, OPEN_DAY]
                first_revenue, first_margin = revenue - first_revenue, margin - first_margin
            n_days += 1
            last = counts[row, OPEN_DAY]
        if n_days == 0:
            first, last, first_revenue, first_margin = -1, -1, 0, 0
        days[i, 0], days[i, 1] = first, last
        counted[i, 0], counted[i, 1] = n_days, counts[row, N_ORDERS]
        counted[i, 2], counted[i, 3] = counts[row, N_LINES], cold_counts[row, N_RETURNS]
        money[i, 0], money[i, 1] = revenue + cold[row, RETURNED], cold[row, RETURNED]
        money[i, 2], money[i, 3], money[i, 4], money[i, 5] = revenue, margin, first_revenue, first_margin
    return days, counted, money


@scalar
def is_disordered(hot: Int64) -> NDArray[np.bool_]:
    """Which customers' lines did not come in time order."""
    marked = np.empty(hot.shape[0], np.bool_)
    counts = hot.view(np.int32)
    for row in range(hot.shape[0]):
        marked[row] = counts[row, FLAGS] & DISORDERED != 0
    return marked


__all__ = ["ALL", "Ledger", "Lines", "empty_ledger", "is_disordered", "merge", "totals", "update"]
