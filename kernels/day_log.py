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

WINDOW_WORDS = 4
YEAR_VALUE, RECENT_VALUE, EARLIER_VALUE, YEAR_DAYS = 0, 1, 2, 3
"""Of a customer, net value of the last 365 days, of the last 90 days and of the 90 before those; purchase days of the
last 365."""

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
def days_of(entries: Int64, running: Int64) -> Days:
    """The days of entries as the ledger writes them.

    Parameters
    ----------
    entries : int64[m, 3]
    running : int64[n], the margin of each of n customers up to his previous entry, 0 at first; brought up to date.
        Empty: the log has no margin.
    """
    m, has_margin = entries.shape[0], running.shape[0] > 0
    customer, day = np.empty(m, np.uint32), np.empty(m, np.int32)
    revenue, margin = np.empty(m, np.int64), np.empty(m if has_margin else 0, np.int64)
    is_purchase = np.empty(m, np.uint8)
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
    days: Days, value: Int64, skipped: Bytes, as_of: int, previous: Int32, second: Int32, windows: Int64, gaps: Int64
) -> int:
    """Add up what customers spent of late, and count the gaps between their purchase days.

    Parameters
    ----------
    value : int64[m], the days' revenue or margin, whichever is value
    skipped : uint8[n], nonzero for customers whose gaps do not count
    as_of : the last day observed
    previous, second : int32[n], last purchase day so far and second purchase day, -1 where there is none yet
    windows : int64[n, 4], sums of YEAR_VALUE, RECENT_VALUE, EARLIER_VALUE and YEAR_DAYS so far
    gaps : int64[span], gaps of d days at d, so far

    All but the first four are brought up to date. Returns the number of days.
    """
    m = days.day.shape[0]
    for i in range(m):
        if i + AHEAD < m:
            ahead = np.int64(days.customer[i + AHEAD])
            prefetch(previous, ahead)
            if as_of - days.day[i + AHEAD] < YEAR:
                prefetch(windows, ahead)
        row, day = days.customer[i], days.day[i]
        ago, is_purchase = as_of - day, days.is_purchase[i]
        if ago < YEAR:
            windows[row, YEAR_VALUE] += value[i]
            windows[row, YEAR_DAYS] += is_purchase
            if ago < RECENT:
                windows[row, RECENT_VALUE] += value[i]
            elif ago < 2 * RECENT:
                windows[row, EARLIER_VALUE] += value[i]
        if is_purchase != 0:
            if previous[row] >= 0:
                if second[row] < 0:
                    second[row] = day
                if skipped[row] == 0:
                    gaps[day - previous[row]] += 1
            previous[row] = day
    return m
