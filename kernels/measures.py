"""Measures over time, counted in one pass over the days of customers.

`add_days` takes the days, `close` what is known of each customer once all days are in, and `add_blocks` and `add_cells`
add up what was counted of different customers and groups.
"""

import numpy as np

from whalecurve.kernels.day_log import Days
from whalecurve.kernels.jit import scalar
from whalecurve.kernels.measures_close import add_blocks, add_cells, close
from whalecurve.kernels.measures_state import (
    ACTIVE,
    COHORT_SHIFT,
    GROUP_SHIFT,
    HAS_SECOND,
    IS_SOON,
    IS_TWICE,
    LAPSED_MONTH,
    LAPSED_QUARTER,
    LAST_DAY,
    MARGIN,
    MOST_LATER,
    NO_COHORT,
    NO_GROUP,
    REVENUE,
    WAS_BEFORE,
    WON_BACK_MONTH,
    WON_BACK_QUARTER,
    YEAR,
    Int64,
    Observed,
    Tables,
    add_units,
)
from whalecurve.kernels.memory import prefetch

AHEAD = 16
"""Entries for whose customers memory is asked ahead; asking for their cells as well was measured slower."""


@scalar
def add_days(tables: Tables, words: Int64, days: Days, observed: Observed) -> int:
    """Count m days of customers.

    Parameters
    ----------
    tables : brought up to date
    words : int64[n], as `new_words` makes them; brought up to date
    days : each customer's in ascending order over all calls

    Returns
    -------
    int
        Days that were not counted because they lie outside those observed.

    Notes
    -----
    A customer is active in a period in which he has a purchase day, and retained if he was active in the period
    before, too. A gap of more than 365 days is a lapse, on the day 365 days after the purchase, and a customer who
    buys again in a later month (or quarter) than that of the lapse is won back. Money from before the month of the
    first purchase goes into the cell of that month, and is taken off there as `stray`.
    """
    kind_of = observed.kind_of
    rows_of, kinds, cells, carry, gaps = tables.rows_of, tables.kinds, tables.cells, tables.cells_carry, tables.gaps
    slot_of, month_of, n_cohorts, start = observed.slot_of, observed.month_of, observed.n_cohorts, observed.start
    first_day, soon_days = observed.first_day, observed.soon_days
    customers, day_numbers, revenues, margins, purchases = days
    n_rows, width, n_days, has_margin = tables.people.shape[0], rows_of.shape[1], slot_of.shape[0], margins.shape[0] > 0
    year_from = n_days - YEAR
    m, n_outside = day_numbers.shape[0], 0
    for i in range(m):
        if i + AHEAD < m:
            prefetch(words, np.int64(customers[i + AHEAD]))
        customer, day = customers[i], np.int64(day_numbers[i]) - first_day
        word = words[customer]
        group, cohort = word >> GROUP_SHIFT, (word >> COHORT_SHIFT) & NO_COHORT
        if group == NO_GROUP:
            continue
        if day < 0 or day >= n_days:
            n_outside += 1
            continue
        slot = np.int64(slot_of[day])
        month, per_row = np.int64(month_of[slot]), np.int64(n_cohorts[slot])
        in_cell, first_cell = cohort < per_row, n_rows * start[slot] + cohort
        revenue, margin = revenues[i], margins[i] if has_margin else 0
        if in_cell:
            for k in range(width):
                cell = first_cell + rows_of[group, k] * per_row
                add_units(cells, carry, cell, REVENUE, revenue)
                add_units(cells, carry, cell, MARGIN, margin)
        else:
            _add_stray(tables, group, cohort, slot, revenue, margin, observed)
        if purchases[i] == 0:
            continue
        last = word & LAST_DAY
        gap, later = 0, MOST_LATER
        if last > 0:
            gap, later = day + 1 - last, min(month - month_of[slot_of[last - 1]], MOST_LATER)
        kind = kind_of[slot, later]
        for k in range(width):
            row = np.int64(rows_of[group, k])
            kinds[slot * n_rows + row, kind] += 1
            gaps[gap, row] += 1
            if in_cell:
                cells[first_cell + row * per_row, ACTIVE] += kind > 0
        if gap > YEAR:
            _lapse(tables, group, last - 1 + YEAR, day, observed)
        if last > 0:
            if word & HAS_SECOND == 0 and gap <= soon_days:
                word |= IS_SOON
            word |= HAS_SECOND
            if last - 1 >= year_from:
                word |= IS_TWICE
        if year_from - YEAR <= day < year_from:
            word |= WAS_BEFORE
        words[customer] = (word & ~LAST_DAY) | (day + 1)
    return n_outside


@scalar
def _add_stray(
    tables: Tables, group: int, cohort: int, slot: int, revenue: int, margin: int, observed: Observed
) -> None:
    """Add money from before the month of the first purchase, or of somebody without a purchase."""
    n_rows = tables.people.shape[0]
    for k in range(tables.rows_of.shape[1]):
        row = tables.rows_of[group, k]
        stray = slot * n_rows + row
        add_units(tables.stray, tables.stray_carry, stray, 0, revenue)
        add_units(tables.stray, tables.stray_carry, stray, 1, margin)
        if cohort == NO_COHORT:
            continue
        first = np.int64(observed.first_slot[cohort])
        cell = n_rows * observed.start[first] + row * observed.n_cohorts[first] + cohort
        add_units(tables.cells, tables.cells_carry, cell, REVENUE, revenue)
        add_units(tables.cells, tables.cells_carry, cell, MARGIN, margin)
        stray = first * n_rows + row
        add_units(tables.stray, tables.stray_carry, stray, 0, -revenue)
        add_units(tables.stray, tables.stray_carry, stray, 1, -margin)


@scalar
def _lapse(tables: Tables, group: int, lapse: int, day: int, observed: Observed) -> None:
    """Count that a customer lapsed on one day and came back on another."""
    then = np.int64(observed.month_of[observed.slot_of[lapse]])
    back = np.int64(observed.month_of[observed.slot_of[day]])
    in_later_quarter = (observed.first_month + then) // 3 != (observed.first_month + back) // 3
    for k in range(tables.rows_of.shape[1]):
        lapsed = then * tables.people.shape[0] + tables.rows_of[group, k]
        won_back = back * tables.people.shape[0] + tables.rows_of[group, k]
        tables.lapses[lapsed, LAPSED_MONTH] += then != back
        tables.lapses[won_back, WON_BACK_MONTH] += then != back
        tables.lapses[lapsed, LAPSED_QUARTER] += in_later_quarter
        tables.lapses[won_back, WON_BACK_QUARTER] += in_later_quarter


__all__ = ["add_blocks", "add_cells", "add_days", "close"]
