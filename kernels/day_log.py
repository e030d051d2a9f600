"""The day log: an entry for every day of every customer, in the order in which the days were over.

What depends on when a customer bought, and not only on how much in all, is worked out from it: what he spent of
late, the gaps between his purchases, and, once segments are known, the measures of each segment over time.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whalecurve.kernels.jit import scalar
from whalecurve.kernels.ledger_state import ENTRY, ENTRY_MARGIN, ENTRY_REVENUE, Bytes, Int32, Int64
from whalecurve.kernels.memory import prefetch

AHEAD = 16
"""Entries for whose customers memory is asked ahead."""

WINDOW_WORDS = 3
YEAR_VALUE, RECENT_VALUE, EARLIER_VALUE = 0, 1, 2
"""Of a customer, net value of the last 365 days, of the last 90 days and of the 90 before those."""

MARGIN_BEFORE = 0
PREVIOUS_DAY, SECOND_DAY = 2, 3
"""Of a customer, margin up to the previous entry, as int64; last purchase day so far, and the second one, as int32, -1
where there is none."""

YEAR, RECENT = 365, 90
"""Days that are looked back on, both ends included: a year, and the span in which a fall in spend is a recent one."""


class Days(NamedTuple):
    """m days of customers numbered from 0; each customer's in ascending order, those of different ones mixed.

    customer : uint32[m]; day : int32[m], since 1970-01-01
    revenue, margin : int64[m], net, in fixed-point units; margin is empty where the log has none
    is_purchase : uint8[m]
    """

    customer: NDArray[np.uint32]
    day: Int32
    revenue: Int64
    margin: Int64
    is_purchase: Bytes


@scalar
def days_of(entries: Int64, running: Int64, room: Days) -> Days:
    """The days of entries as the ledger writes them.

    Parameters
    ----------
    entries : int64[m, 3]
    running : int64[n], the margin of each of n customers up to his previous entry, 0 at first; brought up to date.
        Empty: the log has no margin.
    room : for m days or more, as `new_days` makes it; written over

    Returns
    -------
    m days : views of `room`
    """
    m, has_margin = entries.shape[0], running.shape[0] > 0
    customer, day, revenue, is_purchase = room.customer[:m], room.day[:m], room.revenue[:m], room.is_purchase[:m]
    margin = room.margin[: m if has_margin else 0]
    for i in range(m):
        entry = entries[i, ENTRY]
        customer[i], day[i], is_purchase[i] = entry >> 32, (entry & 0xFFFFFFFF) >> 1, entry & 1
        revenue[i] = entries[i, ENTRY_REVENUE]
    if has_margin:
        for i in range(m):
            if i + AHEAD < m:
                prefetch(running, np.int64(customer[i + AHEAD]))
            own = customer[i]
            margin[i] = entries[i, ENTRY_MARGIN] - running[own]
            running[own] = entries[i, ENTRY_MARGIN]
    return Days(customer, day, revenue, margin, is_purchase)


@scalar
def look_back(
    entries: Int64, uses_margin: bool, skipped: Bytes, as_of: int, before: Int64, windows: Int64, gaps: Int64
) -> int:
    """Add up what customers spent of late, and count the gaps between their purchase days.

    Parameters
    ----------
    entries : int64[m, 3], as the ledger writes them
    uses_margin : value is margin, else revenue
    skipped : uint8[n], nonzero for customers whose gaps do not count
    as_of : the last day observed
    before : int64[n, 2], as `new_before` makes it
    windows : int64[n, 3], sums of YEAR_VALUE, RECENT_VALUE and EARLIER_VALUE so far
    gaps : int64[span], gaps of d days at d, so far

    The last three are brought up to date. Returns the number of entries.
    """
    m, bought = entries.shape[0], before.view(np.int32)
    for i in range(m):
        if i + AHEAD < m:
            ahead = entries[i + AHEAD, ENTRY]
            prefetch(before, ahead >> 32)
            if as_of - ((ahead & 0xFFFFFFFF) >> 1) < YEAR:
                prefetch(windows, ahead >> 32)
        entry, value = entries[i, ENTRY], entries[i, ENTRY_REVENUE]
        row, day, is_purchase = entry >> 32, (entry & 0xFFFFFFFF) >> 1, entry & 1
        if uses_margin:
            value = entries[i, ENTRY_MARGIN] - before[row, MARGIN_BEFORE]
            before[row, MARGIN_BEFORE] = entries[i, ENTRY_MARGIN]
        ago = as_of - day
        if ago < YEAR:
            windows[row, YEAR_VALUE] += value
            if ago < RECENT:
                windows[row, RECENT_VALUE] += value
            elif ago < 2 * RECENT:
                windows[row, EARLIER_VALUE] += value
        if is_purchase != 0:
            previous = bought[row, PREVIOUS_DAY]
            if previous >= 0:
                if bought[row, SECOND_DAY] < 0:
                    bought[row, SECOND_DAY] = day
                if skipped[row] == 0:
                    gaps[day - previous] += 1
            bought[row, PREVIOUS_DAY] = day
    return m


def new_before(n: int) -> Int64:
    """What `look_back` knows of n customers before their first day."""
    before = np.zeros((n, 2), dtype=np.int64)
    before[:, 1] = -1
    return before


def new_days(m: int, *, has_margin: bool) -> Days:
    """Room for m days."""
    return Days(
        customer=np.empty(m, np.uint32),
        day=np.empty(m, np.int32),
        revenue=np.empty(m, np.int64),
        margin=np.empty(m if has_margin else 0, np.int64),
        is_purchase=np.empty(m, np.uint8),
    )
