"""Joining two ledgers: the histories of an earlier stretch of time continued by those of a later one."""

import numpy as np

from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.ledger.days import close_day, mark
from whalecurve.kernels.ledger.hash_table import RECORD_HEAD, find_rows, has_room, mixed
from whalecurve.kernels.ledger.layout import (
    BEGAN_WITHOUT_PURCHASE,
    DAY_ORDER,
    DAY_REVENUE,
    DISORDERED,
    EARLIEST,
    EPOCH,
    FIRST_DAY,
    FIRST_MARGIN,
    FIRST_REVENUE,
    FLAG_BITS,
    FLAGS,
    HAS_ORDER,
    HAS_SEVERAL_ORDERS,
    HAS_UNNAMED_ORDER,
    KEY,
    LAST_DAY,
    MARGIN,
    N_CUSTOMERS,
    N_DAYS,
    N_LINES,
    N_ORDERS,
    N_RETURNS,
    N_SEEN,
    OPEN_DAY,
    RETURNED,
    REVENUE,
    STREAM_DAY,
    Ledger,
)


@scalar
def merge(ledger: Ledger, later: Ledger, start: int) -> int:
    """Add a ledger of later days, from its customer `start` on.

    Where a day is in both, it may only be the last of the earlier and the only one of the later ledger; a customer
    of whom that is not so, or whose orders of that day cannot be told apart any more, is marked as disordered. So is
    one whose later history begins with a day that is no purchase day, unless all of `later` comes after his last day.

    Returns
    -------
    int
        The customer of `later` to go on with; its number of customers when all are done, less when there is no room.
    """
    mine, theirs = ledger.hot.view(np.int32), later.hot.view(np.int32)
    ledger.counters[EPOCH] += 1
    ledger.counters[N_SEEN], ledger.counters[STREAM_DAY] = 0, -1
    ledger.counters[EARLIEST] = min(ledger.counters[EARLIEST], later.counters[EARLIEST])
    hashes, rows, places = np.empty(1, np.uint64), np.empty(1, np.int64), np.empty(1, np.int64)
    keys, own_ends, later_bytes = np.empty(1, np.int64), np.zeros(2, np.int64), later.text.view(np.uint8)
    for other in range(start, later.counters[N_CUSTOMERS]):
        key = later.hot[other, KEY]
        if later.text.shape[0] > 0:
            own_ends[0] = 8 * (key + RECORD_HEAD)
            own_ends[1] = own_ends[0] + later.text[key + 1]
            key = later.text[key]
        if not has_room(ledger, 1, own_ends[1] - own_ends[0]):
            return other
        hashes[0], places[0], keys[0] = mixed(key), 0, key
        find_rows(ledger, hashes, keys, later_bytes, own_ends, places, rows, 1)
        row = rows[0]
        flags = theirs[other, FLAGS] & FLAG_BITS & ~DISORDERED
        is_disordered = theirs[other, FLAGS] & DISORDERED != 0
        if mine[row, N_LINES] == 0:
            own_key = ledger.hot[row, KEY]
            ledger.hot[row] = later.hot[other]
            ledger.hot[row, KEY] = own_key
            ledger.cold[row] = later.cold[other]
            mine[row, FLAGS] = flags
        elif not is_disordered and mine[row, FLAGS] & DISORDERED == 0:
            is_disordered = not _joined(ledger, later, row, other, flags)
        if is_disordered:
            mark(mine, ledger.counters, row)
    return later.counters[N_CUSTOMERS]


@scalar
def _joined(ledger: Ledger, later: Ledger, row: int, other: int, flags: int) -> bool:
    """Continue a customer's history by the later one; False, and nothing done, where that cannot be exact."""
    mine, theirs = ledger.hot.view(np.int32), later.hot.view(np.int32)
    mine_cold, theirs_cold = ledger.cold.view(np.int32), later.cold.view(np.int32)
    first = theirs_cold[other, FIRST_DAY] if theirs[other, N_DAYS] > 0 else theirs[other, OPEN_DAY]
    if flags & BEGAN_WITHOUT_PURCHASE:
        first = later.counters[EARLIEST]  # the customer's own first day is not kept; it is no earlier than this
    if first < mine[row, OPEN_DAY]:
        return False
    n_orders = theirs[other, N_ORDERS]
    if first == mine[row, OPEN_DAY]:
        if theirs[other, N_DAYS] > 0 or flags & BEGAN_WITHOUT_PURCHASE:
            return False
        both = mine[row, FLAGS] & flags
        if both & HAS_UNNAMED_ORDER:
            n_orders -= 1
        if both & HAS_ORDER:
            if flags & HAS_SEVERAL_ORDERS or mine[row, FLAGS] & HAS_SEVERAL_ORDERS:
                return False
            if ledger.hot[row, DAY_ORDER] == later.hot[other, DAY_ORDER]:
                n_orders -= 1
            else:
                flags |= HAS_SEVERAL_ORDERS
        elif flags & HAS_ORDER:
            ledger.hot[row, DAY_ORDER] = later.hot[other, DAY_ORDER]
        mine[row, FLAGS] |= flags
        ledger.hot[row, DAY_REVENUE] += later.hot[other, DAY_REVENUE]
    else:
        close_day(ledger.hot, ledger.cold, mine, mine_cold, row)
        if mine[row, N_DAYS] == 0 and theirs[other, N_DAYS] > 0:  # the first purchase day is in the later ledger
            mine_cold[row, FIRST_DAY] = theirs_cold[other, FIRST_DAY]
            ledger.cold[row, FIRST_REVENUE] = later.cold[other, FIRST_REVENUE]
            ledger.cold[row, FIRST_MARGIN] = later.cold[other, FIRST_MARGIN]
        elif mine[row, N_DAYS] == 0:  # nor is it there: these are the sums before the open day, still
            ledger.cold[row, FIRST_REVENUE] += later.cold[other, FIRST_REVENUE]
            ledger.cold[row, FIRST_MARGIN] += later.cold[other, FIRST_MARGIN]
        if theirs[other, N_DAYS] > 0:
            mine[row, LAST_DAY] = theirs[other, LAST_DAY]
        mine[row, N_DAYS] += theirs[other, N_DAYS]
        mine[row, OPEN_DAY] = theirs[other, OPEN_DAY]
        mine[row, FLAGS] = (flags & ~BEGAN_WITHOUT_PURCHASE) | (mine[row, FLAGS] & BEGAN_WITHOUT_PURCHASE)
        ledger.hot[row, DAY_REVENUE] = later.hot[other, DAY_REVENUE]
        ledger.hot[row, DAY_ORDER] = later.hot[other, DAY_ORDER]
    ledger.hot[row, REVENUE] += later.hot[other, REVENUE]
    ledger.hot[row, MARGIN] += later.hot[other, MARGIN]
    ledger.cold[row, RETURNED] += later.cold[other, RETURNED]
    mine[row, N_LINES] += theirs[other, N_LINES]
    mine[row, N_ORDERS] += n_orders
    mine_cold[row, N_RETURNS] += theirs_cold[other, N_RETURNS]
    return True
