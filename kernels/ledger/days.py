"""What a customer's day amounts to, once it is over; and customers whose days did not come in order."""

import numpy as np
from numba import int64

from whalecurve.kernels.arrays import Int32, Int64
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.ledger.layout import (
    BEGAN_WITHOUT_PURCHASE,
    DAY_REVENUE,
    DISORDERED,
    ENTRY,
    ENTRY_MARGIN,
    ENTRY_REVENUE,
    ENTRY_WORDS,
    FIRST_DAY,
    FIRST_MARGIN,
    FIRST_REVENUE,
    FLAGS,
    HAS_RETURN,
    HAS_SALE,
    LAST_DAY,
    MARGIN,
    N_DAYS,
    N_DISORDERED,
    OPEN_DAY,
    REVENUE,
)


@scalar
def mark(counts: Int32, counters: Int64, row: int) -> None:
    """Note that a customer's lines did not come in time order."""
    if not counts[row, FLAGS] & DISORDERED:
        counts[row, FLAGS] |= DISORDERED
        counters[N_DISORDERED] += 1


@scalar
def is_purchase(flags: int, revenue: int) -> bool:
    """Whether a day with these flags and this net revenue is a purchase day."""
    return flags & HAS_SALE != 0 and (flags & HAS_RETURN == 0 or revenue > 0)


@scalar
def entry_of(row: int, day: int, is_bought: bool) -> np.int64:
    """First word of an entry of the day log: the customer's row, the day, and whether it was a purchase day."""
    return (int64(row) << 32) | (int64(day) << 1) | int64(is_bought)


@scalar
def open_days(hot: Int64, start: int, end: int) -> Int64:
    """Entries of the day log for the days still open of the customers start to end: int64[m, 3]."""
    counts = hot.view(np.int32)
    entries = np.empty((end - start, ENTRY_WORDS), np.int64)
    n = 0
    for row in range(start, end):
        if counts[row, OPEN_DAY] >= 0:
            is_bought = is_purchase(counts[row, FLAGS], hot[row, DAY_REVENUE])
            entries[n, ENTRY] = entry_of(row, counts[row, OPEN_DAY], is_bought)
            entries[n, ENTRY_REVENUE], entries[n, ENTRY_MARGIN] = hot[row, DAY_REVENUE], hot[row, MARGIN]
            n += 1
    return entries[:n]


@scalar
def close_day(hot: Int64, cold: Int64, counts: Int32, cold_counts: Int32, row: int) -> None:
    """Settle whether a customer's open day was a purchase, and leave no day open."""
    if counts[row, OPEN_DAY] < 0:
        return
    flags = counts[row, FLAGS]
    if is_purchase(flags, hot[row, DAY_REVENUE]):
        if counts[row, N_DAYS] == 0:
            cold_counts[row, FIRST_DAY] = counts[row, OPEN_DAY]
            cold[row, FIRST_REVENUE] = hot[row, REVENUE] - cold[row, FIRST_REVENUE]
            cold[row, FIRST_MARGIN] = hot[row, MARGIN] - cold[row, FIRST_MARGIN]
        counts[row, N_DAYS] += 1
        counts[row, LAST_DAY] = counts[row, OPEN_DAY]
    elif counts[row, N_DAYS] == 0:
        cold[row, FIRST_REVENUE] = hot[row, REVENUE]
        cold[row, FIRST_MARGIN] = hot[row, MARGIN]
        flags |= BEGAN_WITHOUT_PURCHASE
    counts[row, FLAGS] = flags & (DISORDERED | BEGAN_WITHOUT_PURCHASE)
    hot[row, DAY_REVENUE] = 0
    counts[row, OPEN_DAY] = -1
