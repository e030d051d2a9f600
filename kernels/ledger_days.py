"""What a customer's day amounts to, once it is over; and customers whose days did not come in order."""

from whalecurve.kernels.jit import scalar
from whalecurve.kernels.ledger_state import (
    BEGAN_WITHOUT_PURCHASE,
    DAY_REVENUE,
    DISORDERED,
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
    Int32,
    Int64,
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
