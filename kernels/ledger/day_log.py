"""The day log: an entry for every day of every customer, in the order in which the days were over.

What depends on when a customer bought, and not only on how much in all, is worked out from it: what he spent of
late, the gaps between his purchases, and, once segments are known, the measures of each segment over time.
"""

import numpy as np

from whalecurve.kernels.arrays import Bytes, Int32, Int64
from whalecurve.kernels.compiler.intrinsics import prefetch
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.ledger.layout import ENTRY, ENTRY_MARGIN, ENTRY_REVENUE

AHEAD = 16
"""Entries for whose customers memory is asked ahead."""

YEAR_VALUE, RECENT_VALUE, EARLIER_VALUE = 0, 1, 2
"""Of a customer, net value of the last 365 days, of the last 90 days and of the 90 before those."""

PASSED_WORDS = 4
BEFORE_YEAR, BEFORE_HALF_YEAR, BEFORE_RECENT = 0, 1, 2
PREVIOUS_DAY, SECOND_DAY = 6, 7
"""Of a customer, in one row, so that a day asks for one cache line: net value from before the last 365, the last 180
and the last 90 days, as int64; last purchase day so far, and the second one, as int32, `NO_DAY` where there is none."""

NO_DAY, UNCOUNTED = -1, -2
"""Instead of the last purchase day: nobody knows of one; and never mind, as the customer's gaps do not count."""

YEAR, RECENT = 365, 90
"""Days that are looked back on, both ends included: a year, and the span in which a fall in spend is a recent one."""


@scalar
def look_back(entries: Int64, uses_margin: bool, as_of: int, passed: Int64, gaps: Int64) -> int:
    """Note what customers had spent 365, 180 and 90 days ago, and count the gaps between their purchase days.

    Parameters
    ----------
    entries : int64[m, 3], as the ledger writes them
    uses_margin : value is margin, else revenue
    as_of : the last day observed
    passed : int64[n, 4], as `begin` makes it; brought up to date
    gaps : int64[span], gaps of d days at d, so far; brought up to date

    Returns
    -------
    The number of entries

    Notes
    -----
    Without branches on what differs from entry to entry: a processor cannot guess them.
    """
    m, bought = entries.shape[0], passed.view(np.int32)
    for i in range(m):
        if i + AHEAD < m:
            prefetch(passed, entries[i + AHEAD, ENTRY] >> 32)
        entry = entries[i, ENTRY]
        row, day, is_purchase = entry >> 32, (entry & 0xFFFFFFFF) >> 1, entry & 1
        ago = as_of - day
        year, half_year, recent = passed[row, BEFORE_YEAR], passed[row, BEFORE_HALF_YEAR], passed[row, BEFORE_RECENT]
        if uses_margin:
            so_far = entries[i, ENTRY_MARGIN]
            year = so_far if ago >= YEAR else year
            half_year = so_far if ago >= 2 * RECENT else half_year
            recent = so_far if ago >= RECENT else recent
        else:
            value = entries[i, ENTRY_REVENUE]
            year += value if ago >= YEAR else 0
            half_year += value if ago >= 2 * RECENT else 0
            recent += value if ago >= RECENT else 0
        passed[row, BEFORE_YEAR], passed[row, BEFORE_HALF_YEAR], passed[row, BEFORE_RECENT] = year, half_year, recent
        previous, second = np.int64(bought[row, PREVIOUS_DAY]), bought[row, SECOND_DAY]
        if is_purchase == 0 or previous == UNCOUNTED:
            continue
        has_previous = previous >= 0
        gaps[day - previous if has_previous else 0] += has_previous
        bought[row, SECOND_DAY] = day if has_previous and second < 0 else second
        bought[row, PREVIOUS_DAY] = day
    return m


@scalar
def begin(passed: Int64, skipped: Bytes) -> None:
    """Make rows of zeros what `look_back` knows of n customers before their first day.

    passed : int64[n, 4]
    skipped : uint8[n], nonzero for customers whose gaps do not count, and whose second purchase day is not wanted
    """
    bought = passed.view(np.int32)
    for row in range(passed.shape[0]):
        bought[row, PREVIOUS_DAY] = NO_DAY if skipped[row] == 0 else UNCOUNTED
        bought[row, SECOND_DAY] = NO_DAY


@scalar
def windows(passed: Int64, rows: Int64, value: Int64) -> tuple[Int64, Int32]:
    """What customers spent of late, once all days are in.

    Parameters
    ----------
    passed : int64[n, 4]
    rows : int64[m], customers
    value : int64[m], net value of their whole history

    Returns
    -------
    spent : int64[3, m], net value of the last 365 days, of the last 90, and of the 90 before those
    second : int32[m], second purchase day, `NO_DAY` where there is none
    """
    m, bought = rows.shape[0], passed.view(np.int32)
    spent, second = np.empty((3, m), np.int64), np.empty(m, np.int32)
    for i in range(m):
        if i + AHEAD < m:
            prefetch(passed, rows[i + AHEAD])
        row = rows[i]
        spent[YEAR_VALUE, i] = value[i] - passed[row, BEFORE_YEAR]
        spent[RECENT_VALUE, i] = value[i] - passed[row, BEFORE_RECENT]
        spent[EARLIER_VALUE, i] = passed[row, BEFORE_RECENT] - passed[row, BEFORE_HALF_YEAR]
        second[i] = bought[row, SECOND_DAY]
    return spent, second
