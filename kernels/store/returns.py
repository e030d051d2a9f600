"""Returns that are taken off the purchase that they take back: the first sale under their order id."""

from enum import IntEnum

import numpy as np

from whalecurve.kernels.arrays import Int32, Int64
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.functions.splitmix import slot_of
from whalecurve.kernels.store.columns import IS_RETURN, Rows


class DayMoney(IntEnum):
    """Columns of the money of a customer's days, int64: what moved on the day, and what of it belongs to the day."""

    REVENUE = 0
    MARGIN = 1
    OWN_REVENUE = 2
    OWN_MARGIN = 3


DAY_MONEY_WORDS = len(DayMoney)


@scalar
def move_returns(
    rows: Rows, by_customer: Int32, start: int, end: int, own_days: Int32, own_money: Int64, n_days: int
) -> None:
    """Move what returns take off from their own day to that of the first sale under their order id, where there is one.

    own_days : int32[n_days], days times two, ascending; own_money : int64[n_days, 4], of `DayMoney`: what belongs to
        the days is moved
    """
    size, has_margin = 64, rows.margin.shape[0] > 0
    while size < 2 * (end - start):
        size *= 2
    slots, mask = np.zeros(size, np.int32), size - 1  # rows + 1 of the first sale of each order
    for i in range(start, end):
        row = by_customer[i]
        if rows.kind[row] != 0:
            continue
        slot = slot_of_order(rows.order, rows.order[row], slots, mask)
        if slots[slot] == 0:
            slots[slot] = row + 1
    for i in range(start, end):
        row = by_customer[i]
        if rows.kind[row] != IS_RETURN:
            continue
        slot = slot_of_order(rows.order, rows.order[row], slots, mask)
        if slots[slot] == 0 or rows.day[slots[slot] - 1] == rows.day[row]:
            continue
        returned = position_of_day(own_days, n_days, rows.day[row])
        bought = position_of_day(own_days, n_days, rows.day[slots[slot] - 1])
        own_money[returned, DayMoney.OWN_REVENUE] -= rows.amount[row]
        own_money[bought, DayMoney.OWN_REVENUE] += rows.amount[row]
        if has_margin:
            own_money[returned, DayMoney.OWN_MARGIN] -= rows.margin[row]
            own_money[bought, DayMoney.OWN_MARGIN] += rows.margin[row]


@scalar
def slot_of_order(orders: Int64, order: int, slots: Int32, mask: int) -> np.int64 | int:
    """The slot that holds the row + 1 of an order, or the free one in which it belongs."""
    slot = slot_of(order, mask)
    while slots[slot] != 0 and orders[slots[slot] - 1] != order:
        slot = (slot + 1) & mask
    return slot


@scalar
def position_of_day(own_days: Int32, n_days: int, day: int) -> int:
    """Where a day stands among ascending ones."""
    low, high = 0, n_days - 1
    while low < high:
        middle = (low + high) // 2
        if own_days[middle] >> 1 < day:
            low = middle + 1
        else:
            high = middle
    return low
