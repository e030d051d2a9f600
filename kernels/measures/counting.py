"""Measures over time, counted in one pass over the days of customers.

`add_days` takes the days; `closing` has what takes whole histories, and adds up what was counted of different
customers and groups.
"""

from enum import IntEnum

import numpy as np
from numpy import int64, uint64

from whalecurve.kernels.arrays import Int64
from whalecurve.kernels.compiler.jit import prefetch, scalar
from whalecurve.kernels.measures.tables import (
    COHORT_SHIFT,
    GROUP_SHIFT,
    HAS_SECOND,
    IS_SOON,
    IS_TWICE,
    KIND_WORDS,
    LAST_DAY_MASK,
    MOST_LATER,
    NO_COHORT,
    WAS_BEFORE,
    CalendarDay,
    Cell,
    CustomerState,
    Lapse,
    Observed,
    Stray,
    Tables,
    add_units,
)
from whalecurve.kernels.store import YEAR, DayEntry

AHEAD = 24
"""Entries for whose customers memory is asked ahead."""

BLOCK = 64
"""Entries whose cells are found and asked for before any is added to: tables of some megabytes are not near."""


class ToCell(IntEnum):
    """Columns of what the entries of a block add to cells, int64.

    FIRST, PER_ROW : row r of the table has the cell at FIRST + r * PER_ROW
    ACTIVE : 1 where the customer becomes active in the period of the cell, else 0
    """

    FIRST = 0
    PER_ROW = 1
    GROUP = 2
    REVENUE = 3
    MARGIN = 4
    ACTIVE = 5


class ToPurchases(IntEnum):
    """Columns of where the purchase days of a block are counted, int64: by kind and by gap, in row 0; their group."""

    KIND = 0
    GAP = 1
    GROUP = 2


TO_CELL_WORDS, TO_PURCHASES_WORDS = len(ToCell), len(ToPurchases)


@scalar
def add_days(tables: Tables, customers: Int64, entries: Int64, observed: Observed) -> int:
    """Count m days of customers.

    Parameters
    ----------
    tables : brought up to date
    customers : int64[n, 2], as `begin` makes them; brought up to date
    entries : int64[m, 3], as `scan_customers` writes them: each customer's in ascending order over all calls

    Returns
    -------
    int
        Days that were not counted because they lie outside those observed.

    Notes
    -----
    A customer is active in a period with a purchase day of theirs, and retained if active in the period before, too.
    A gap of more than 365 days is a lapse, on the day 365 days after the purchase, and a customer who buys again in a
    later month (or quarter) than that of the lapse is won back. Money from before the month of the first purchase goes
    into the cell of that month, and is taken off there as `stray`.

    Unsigned numbers are places that are known not to be negative: numba then does not ask.
    """
    rows_of, cells, carry = tables.rows_of, tables.cells, tables.cells_carry
    kinds, gaps = tables.kinds.reshape(-1), tables.gaps.reshape(-1)
    calendar, kind_of = observed.calendar, observed.kind_of
    n_rows, width, n_days = tables.people.shape[0], rows_of.shape[1], calendar.shape[0]
    first_day, soon_days, year_from = observed.first_day, observed.soon_days, n_days - YEAR
    money, bought = np.empty((BLOCK, TO_CELL_WORDS), np.int64), np.empty((BLOCK, TO_PURCHASES_WORDS), np.int64)
    m, n_outside = entries.shape[0], 0
    for begin in range(0, m, BLOCK):
        n_money = n_bought = 0
        for i in range(begin, min(begin + BLOCK, m)):
            if i + AHEAD < m:
                prefetch(customers, entries[i + AHEAD, DayEntry.CUSTOMER_AND_DAY] >> 32)
            entry, margin_until = entries[i, DayEntry.CUSTOMER_AND_DAY], entries[i, DayEntry.MARGIN]
            own, day, is_purchase = uint64(entry) >> uint64(32), ((entry & 0xFFFFFFFF) >> 1) - first_day, entry & 1
            word, margin = customers[own, CustomerState.WORD], margin_until - customers[own, CustomerState.MARGIN_UNTIL]
            customers[own, CustomerState.MARGIN_UNTIL] = margin_until
            group, cohort = word >> GROUP_SHIFT, (word >> COHORT_SHIFT) & NO_COHORT
            if day < 0 or day >= n_days:
                n_outside += 1
                continue
            on = uint64(day)
            slot, month = int64(calendar[on, CalendarDay.SLOT]), int64(calendar[on, CalendarDay.MONTH])
            per_row, start = int64(calendar[on, CalendarDay.COHORTS]), int64(calendar[on, CalendarDay.START])
            last = word & LAST_DAY_MASK
            gap, later = 0, MOST_LATER
            if last > 0:
                gap, later = day + 1 - last, min(month - calendar[uint64(last - 1), CalendarDay.MONTH], MOST_LATER)
            kind, row = int64(kind_of[uint64(slot), uint64(later)]), int64(rows_of[group, 0])
            if cohort < per_row:
                first_cell = n_rows * start + cohort
                prefetch(cells, first_cell + row * per_row)
                money[n_money, ToCell.FIRST], money[n_money, ToCell.PER_ROW] = first_cell, per_row
                money[n_money, ToCell.GROUP] = group
                money[n_money, ToCell.REVENUE], money[n_money, ToCell.MARGIN] = entries[i, DayEntry.REVENUE], margin
                money[n_money, ToCell.ACTIVE] = is_purchase if kind > 0 else 0
                n_money += 1
            else:
                _add_stray(tables, group, cohort, slot, entries[i, DayEntry.REVENUE], margin, observed)
            if is_purchase == 0:
                continue
            first_kind, first_gap = slot * n_rows * KIND_WORDS + kind, gap * n_rows
            prefetch(kinds, first_kind + row * KIND_WORDS)
            prefetch(gaps, first_gap + row)
            bought[n_bought, ToPurchases.KIND], bought[n_bought, ToPurchases.GAP] = first_kind, first_gap
            bought[n_bought, ToPurchases.GROUP] = group
            n_bought += 1
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
            customers[own, CustomerState.WORD] = (word & ~LAST_DAY_MASK) | (day + 1)
        for j in range(n_money):
            for k in range(width):
                row = rows_of[money[j, ToCell.GROUP], k]
                cell = uint64(money[j, ToCell.FIRST] + row * money[j, ToCell.PER_ROW])
                add_units(cells, carry, cell, Cell.REVENUE, money[j, ToCell.REVENUE])
                add_units(cells, carry, cell, Cell.MARGIN, money[j, ToCell.MARGIN])
                cells[cell, Cell.ACTIVE] += money[j, ToCell.ACTIVE]
        for j in range(n_bought):
            for k in range(width):
                row = rows_of[bought[j, ToPurchases.GROUP], k]
                kinds[uint64(bought[j, ToPurchases.KIND] + row * KIND_WORDS)] += 1
                gaps[uint64(bought[j, ToPurchases.GAP] + row)] += 1
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
        add_units(tables.stray, tables.stray_carry, stray, Stray.REVENUE, revenue)
        add_units(tables.stray, tables.stray_carry, stray, Stray.MARGIN, margin)
        if cohort == NO_COHORT:
            continue
        first = np.int64(observed.first_slot[cohort])
        cell = n_rows * observed.start[first] + row * observed.n_cohorts[first] + cohort
        add_units(tables.cells, tables.cells_carry, cell, Cell.REVENUE, revenue)
        add_units(tables.cells, tables.cells_carry, cell, Cell.MARGIN, margin)
        stray = first * n_rows + row
        add_units(tables.stray, tables.stray_carry, stray, Stray.REVENUE, -revenue)
        add_units(tables.stray, tables.stray_carry, stray, Stray.MARGIN, -margin)


@scalar
def _lapse(tables: Tables, group: int, lapse: int, day: int, observed: Observed) -> None:
    """Count that a customer lapsed on one day and came back on another."""
    then = np.int64(observed.month_of[observed.slot_of[lapse]])
    back = np.int64(observed.month_of[observed.slot_of[day]])
    in_later_quarter = (observed.first_month + then) // 3 != (observed.first_month + back) // 3
    for k in range(tables.rows_of.shape[1]):
        lapsed = then * tables.people.shape[0] + tables.rows_of[group, k]
        won_back = back * tables.people.shape[0] + tables.rows_of[group, k]
        tables.lapses[lapsed, Lapse.LAPSED_MONTH] += then != back
        tables.lapses[won_back, Lapse.WON_BACK_MONTH] += then != back
        tables.lapses[lapsed, Lapse.LAPSED_QUARTER] += in_later_quarter
        tables.lapses[won_back, Lapse.WON_BACK_QUARTER] += in_later_quarter
