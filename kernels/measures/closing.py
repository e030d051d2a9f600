"""Measures over time that take a customer's whole history, and the sum of what different customers count."""

import numpy as np

from whalecurve.kernels.arrays import Int32, Int64
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.measures.tables import (
    COHORT_SHIFT,
    GROUP_SHIFT,
    HAS_SECOND,
    IS_SOON,
    IS_TWICE,
    LAST_DAY_MASK,
    NO_COHORT,
    WAS_BEFORE,
    Cell,
    CustomerState,
    FirstPurchase,
    Lapse,
    MoneyFact,
    Observed,
    People,
    SmallFact,
    Tables,
    add_units,
)
from whalecurve.kernels.store import YEAR


@scalar
def close(tables: Tables, customers: Int64, facts: Int64, observed: Observed) -> int:
    """Count what depends on the whole history of each customer; once, after all days.

    Parameters
    ----------
    customers : int64[n, 2]
    facts : int64[n, 4]

    Returns
    -------
    int
        Customers whose days contradict their first purchase day.
    """
    people, carry, rows_of, small = tables.people, tables.people_carry, tables.rows_of, facts.view(np.int32)
    n_odd = 0
    for i in range(customers.shape[0]):
        word = customers[i, CustomerState.WORD]
        group, last, cohort = word >> GROUP_SHIFT, word & LAST_DAY_MASK, (word >> COHORT_SHIFT) & NO_COHORT
        for k in range(rows_of.shape[1]):
            row = rows_of[group, k]
            people[row, People.CUSTOMERS] += 1
            people[row, People.LINES] += small[i, SmallFact.LINES]
            people[row, People.RETURN_LINES] += small[i, SmallFact.RETURN_LINES]
            add_units(people, carry, row, People.SOLD, facts[i, MoneyFact.SOLD])
            add_units(people, carry, row, People.RETURNED, facts[i, MoneyFact.RETURNED])
        first = np.int64(small[i, SmallFact.FIRST_DAY]) - 1 - observed.first_day
        if (last == 0) != (cohort == NO_COHORT) or (last > 0 and (word & HAS_SECOND != 0) != (first < last - 1)):
            n_odd += 1
        elif last > 0:
            _add_buyer(tables, word, observed.slot_of.shape[0] - 1 - first, observed)
    return n_odd


@scalar
def _add_buyer(tables: Tables, word: int, age: int, observed: Observed) -> None:
    """Count a customer with a purchase day, the first so many days ago."""
    people, rows_of, n_rows, n_days = tables.people, tables.rows_of, tables.people.shape[0], observed.slot_of.shape[0]
    group, last, cohort = word >> GROUP_SHIFT, (word & LAST_DAY_MASK) - 1, (word >> COHORT_SHIFT) & NO_COHORT
    ago, slot = n_days - 1 - last, np.int64(observed.slot_of[last])
    is_repeat, was_before, is_current = word & HAS_SECOND != 0, word & WAS_BEFORE != 0, ago < YEAR
    is_observed, is_aged = age >= observed.soon_days, age >= observed.aged_days
    lapsed = 0 if is_current else np.int64(observed.month_of[observed.slot_of[last + YEAR]])
    for k in range(rows_of.shape[1]):
        row = rows_of[group, k]
        cell = n_rows * observed.start[slot] + row * observed.n_cohorts[slot] + cohort
        tables.cells[cell, Cell.LAST_ACTIVE] += 1
        tables.censored[ago, row] += 1
        if not is_current:
            tables.lapses[lapsed * n_rows + row, Lapse.LAPSED_MONTH] += 1
            tables.lapses[lapsed * n_rows + row, Lapse.LAPSED_QUARTER] += 1
        firsts = cohort * n_rows + row
        tables.firsts[firsts, FirstPurchase.CUSTOMERS] += 1
        tables.firsts[firsts, FirstPurchase.OBSERVED] += is_observed
        tables.firsts[firsts, FirstPurchase.BACK_SOON] += is_observed and word & IS_SOON != 0
        people[row, People.BUYERS] += 1
        people[row, People.REPEAT] += is_repeat
        people[row, People.AGED] += is_aged
        people[row, People.ONE_AND_DONE] += is_aged and not is_repeat
        people[row, People.YEAR_BUYERS] += is_current
        people[row, People.YEAR_REPEAT] += word & IS_TWICE != 0
        people[row, People.BUYERS_BEFORE] += was_before
        people[row, People.KEPT] += was_before and is_current


@scalar
def add_blocks(
    into: Int64, into_carry: Int32, n_rows: int, places: Int64, rows_of: Int32, units: Int64, carry: Int32
) -> None:
    """Add blocks of sums, one row a group, to blocks with other rows.

    Parameters
    ----------
    into, into_carry : [n_blocks * n_rows, words], int64 and int32
    places : int64[m], the block of `into` that each of the m blocks is added to
    rows_of : int32[n_groups, width], the rows that each group is added to
    units, carry : [m * n_groups, words], int64 and int32
    """
    n_groups = rows_of.shape[0]
    for block in range(places.shape[0]):
        for group in range(n_groups):
            own = block * n_groups + group
            for k in range(rows_of.shape[1]):
                row = places[block] * n_rows + rows_of[group, k]
                for at in range(units.shape[1]):
                    add_units(into, into_carry, row, at, units[own, at])
                    into_carry[row, at] += carry[own, at]


@scalar
def add_cells(into: Tables, here: Observed, cohorts: Int64, tables: Tables, there: Observed) -> None:
    """Add the cells of some tables to others of the same slots, whose number of the i-th cohort is `cohorts[i]`."""
    n_groups, n_rows, rows_of = tables.people.shape[0], into.people.shape[0], into.rows_of
    units, carry, more, more_carry = into.cells, into.cells_carry, tables.cells, tables.cells_carry
    for slot in range(there.n_cohorts.shape[0]):
        for group in range(n_groups):
            for cohort in range(there.n_cohorts[slot]):
                own = n_groups * there.start[slot] + group * there.n_cohorts[slot] + cohort
                for k in range(rows_of.shape[1]):
                    cell = n_rows * here.start[slot] + rows_of[group, k] * here.n_cohorts[slot] + cohorts[cohort]
                    for at in range(more.shape[1]):
                        add_units(units, carry, cell, at, more[own, at])
                        carry[cell, at] += more_carry[own, at]
