"""What measures over time are added up in: a word for every customer, and tables of whole numbers by group.

Days count from the first day observed, months from the month that it is in. All entries are counts or fixed-point
money, so tables of different customers add up, in any order, to the same numbers.
"""

from typing import NamedTuple

import numpy as np

from whalecurve.kernels.arrays import Bytes, Int32, Int64
from whalecurve.kernels.compiler.jit import scalar

# What is known of a customer before his days are gone over, as int32: the number of his combination of groups; the
# first purchase day + 1, 0 where there is none; lines and return lines. As int64: what was sold and returned
JOINT, FIRST, LINES, RETURN_LINES = 0, 1, 2, 3
WAS_SOLD, WAS_RETURNED = 2, 3
KNOWN_WORDS = 4

# What is kept of a customer while days are gone over, as int64: his word, and the margin up to his previous entry
WORD, SO_FAR = 0, 1
CUSTOMER_WORDS = 2

# The word, from its lowest bit: the last purchase day so far + 1 (0: none yet); whether there was a second
# purchase day, one soon after the first, two in the last year, one in the year before; his cohort; his group
LAST_DAY = 2**17 - 1
HAS_SECOND, IS_SOON, IS_TWICE, WAS_BEFORE = 2**17, 2**18, 2**19, 2**20
COHORT_SHIFT, NO_COHORT = 21, 2**11 - 1
GROUP_SHIFT, NO_GROUP = 32, 2**20 - 1

YEAR = 365
"""Days of a year that is looked back on, as-of included; and days after a purchase in which a customer is current."""

MOST_MONTHS = 1200
"""Months that can be observed: the bits of a customer's word end not far beyond."""

# the calendar, by day: slot, its month, its cohorts, and cells of the slots before in a table of one row
DAY_SLOT, DAY_MONTH, DAY_COHORTS, DAY_START = 0, 1, 2, 3

# kinds of purchase: by how many months, quarters and years after that of the purchase before (2: two and more, and
# first purchases) it is, a, b and c, at a² + b (b + 1) / 2 + c
KINDS = tuple((a, b, c) for a in range(3) for b in range(a + 1 if a < 2 else 3) for c in range(b + 1))
KIND_WORDS = 16
MOST_LATER = 31
"""Months after the purchase before from which it does not matter how many they are; and for first purchases."""
# cells: by month of the entry and cohort; LAST_ACTIVE counts those with their last purchase in the month
ACTIVE, LAST_ACTIVE, REVENUE, MARGIN = 0, 1, 2, 3
CELL_WORDS = 4
# lapses: by month
LAPSED_MONTH, WON_BACK_MONTH, LAPSED_QUARTER, WON_BACK_QUARTER = 0, 1, 2, 3
LAPSE_WORDS = 4
# firsts: by cohort
N_FIRST, N_OBSERVED, N_SOON = 0, 1, 2
FIRST_WORDS = 4
# people
N_CUSTOMERS, N_BUYERS, N_REPEAT, N_AGED, N_ONE_AND_DONE, N_YEAR, N_TWICE, N_BEFORE, N_KEPT = range(9)
N_LINES, N_RETURN_LINES, SOLD, RETURNED = range(9, 13)
PEOPLE_WORDS = 16


class Observed(NamedTuple):
    """The days observed, and the cohorts: customers by month of first purchase, those months alone that occur.

    Slots are months, but the one in which the last year begins is two of them: its days before that, and the others.

    first_day, last_day : since 1970-01-01
    first_month : months since January 1970
    slot_of : int32[n_days]
    month_of : int32[n_slots]
    cohort_of : int32[n_months], the number of a month's cohort; NO_COHORT where there is none
    first_slot : int32[n_cohorts], the slot in which a cohort's money from before its month is put
    n_cohorts : int32[n_slots], cohorts up to the slot's month
    kind_of : uint8[n_slots, 32], the kind of a purchase so many months after the one before
    start : int64[n_slots + 1], cells of the slots before, in a table of one row
    calendar : int32[n_days, 4], for each day what of this is looked up for every entry
    soon_days, aged_days : days in which a second purchase comes soon; days after which nobody is new any more
    """

    first_day: int
    last_day: int
    first_month: int
    slot_of: Int32
    month_of: Int32
    cohort_of: Int32
    first_slot: Int32
    n_cohorts: Int32
    kind_of: Bytes
    start: Int64
    calendar: Int32
    soon_days: int
    aged_days: int


def kinds_of(months: Int32) -> Bytes:
    """The kinds of purchases in the given months, since January 1970, 0, 1 ... 31 months after the one before.

    Parameters
    ----------
    months : int32[m]

    Returns
    -------
    uint8[m, 32]
    """
    now = np.asarray(months, dtype=np.int64)[:, None]
    then = now - np.arange(MOST_LATER + 1)
    a, b, c = (np.minimum(now // length - then // length, 2) for length in (1, 3, 12))
    return (a * a + b * (b + 1) // 2 + c).astype(np.uint8)


class Tables(NamedTuple):
    """Sums by row; money is units + 2^64 · carry, and of the carries memory is taken only where one is not 0.

    What is looked up together lies together: days come in the order of time, so slots come first, then rows.

    rows_of : int32[n_groups, width], the rows that a group's customers count in
    kinds : int64[n_slots * n_rows, 16], purchases by kind
    cells, cells_carry : [n_rows * cells, 4], int64 and int32; by slot, row and cohort
    stray, stray_carry : [n_slots * n_rows, 2], int64 and int32; revenue and margin of a slot, less those in its cells
    gaps, censored : int64[n_days, n_rows], gaps between purchase days (0 for first purchases), and days from the last
        purchase to the last day
    lapses : int64[n_months * n_rows, 4]; firsts : int64[n_cohorts * n_rows, 4]
    people, people_carry : [n_rows, 16], int64 and int32
    """

    rows_of: Int32
    kinds: Int64
    cells: Int64
    cells_carry: Int32
    stray: Int64
    stray_carry: Int32
    gaps: Int64
    censored: Int64
    lapses: Int64
    firsts: Int64
    people: Int64
    people_carry: Int32


def empty_tables(rows_of: Int32, n_rows: int, observed: Observed) -> Tables:
    """Nothing counted yet."""
    n_slots, n_cells = observed.month_of.size, int(observed.start[-1])
    n_days, n_months = observed.slot_of.size, observed.cohort_of.size

    def zeros(length: int, words: int) -> Int64:
        return np.zeros((length, words), dtype=np.int64)

    def carries(length: int, words: int) -> Int32:
        return np.zeros((length, words), dtype=np.int32)

    return Tables(
        rows_of=rows_of,
        kinds=zeros(n_slots * n_rows, KIND_WORDS),
        cells=zeros(n_cells * n_rows, CELL_WORDS),
        cells_carry=carries(n_cells * n_rows, CELL_WORDS),
        stray=zeros(n_slots * n_rows, 2),
        stray_carry=carries(n_slots * n_rows, 2),
        gaps=zeros(n_days, n_rows),
        censored=zeros(n_days, n_rows),
        lapses=zeros(n_months * n_rows, LAPSE_WORDS),
        firsts=zeros(observed.first_slot.size * n_rows, FIRST_WORDS),
        people=zeros(n_rows, PEOPLE_WORDS),
        people_carry=carries(n_rows, PEOPLE_WORDS),
    )


def bytes_per_row(observed: Observed) -> int:
    """Memory that a row of the tables takes, but for carries."""
    words = KIND_WORDS * observed.month_of.size + CELL_WORDS * int(observed.start[-1]) + 2 * observed.slot_of.size
    return 8 * words


@scalar
def add_units(units: Int64, carry: Int32, row: int, at: int, more: int) -> None:
    """Add to an entry, exactly: one carry for each time that the sum wraps around."""
    old = units[row, at]
    new = old + more
    units[row, at] = new
    if (old ^ new) & (more ^ new) < 0:
        carry[row, at] += 1 if more > 0 else -1
