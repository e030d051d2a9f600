"""What measures over time are added up in: a word for every customer, and tables of whole numbers by group.

Days count from the first day observed, months from the month that it is in. All entries are counts or fixed-point
money, so tables of different customers add up, in any order, to the same numbers.

Each table has the names of its columns in a class of its own, so that a column says which table it is of.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from whalecurve.kernels.arrays import Bytes, Int32, Int64
from whalecurve.kernels.compiler.jit import scalar


class SmallFact(IntEnum):
    """Columns of the facts of a customer that are known before the days are gone over, as int32[n, 8].

    JOINT : the number of the combination of groups; FIRST_DAY : the first purchase day + 1, 0 where there is none
    """

    JOINT = 0
    FIRST_DAY = 1
    LINES = 2
    RETURN_LINES = 3


class MoneyFact(IntEnum):
    """The same memory as int64[n, 4]: the columns behind the small ones, fixed-point money."""

    SOLD = 2
    RETURNED = 3


FACT_WORDS = 4


class CustomerState(IntEnum):
    """What is kept of a customer while days are gone over, int64[n, 2]: the word, the margin up to the last entry."""

    WORD = 0
    MARGIN_UNTIL = 1


CUSTOMER_WORDS = len(CustomerState)

# The word, from its lowest bit: the last purchase day so far + 1 (0: none yet); whether there was a second
# purchase day, one soon after the first, two in the last year, one in the year before; cohort; group
LAST_DAY_MASK = 2**17 - 1
HAS_SECOND, IS_SOON, IS_TWICE, WAS_BEFORE = 2**17, 2**18, 2**19, 2**20
COHORT_SHIFT, NO_COHORT = 21, 2**11 - 1
GROUP_SHIFT, MOST_GROUPS = 32, 2**20 - 1

MOST_MONTHS = 1200
"""Months that can be observed: the bits of a customer's word end not far beyond."""


class CalendarDay(IntEnum):
    """Columns of the calendar, by day: slot, its month and cohorts, cells of slots before in a table of one row."""

    SLOT = 0
    MONTH = 1
    COHORTS = 2
    START = 3


# kinds of purchase: by how many months, quarters and years after that of the purchase before (2: two and more, and
# first purchases) it is, a, b and c, at a² + b (b + 1) / 2 + c
KINDS = tuple((a, b, c) for a in range(3) for b in range(a + 1 if a < 2 else 3) for c in range(b + 1))
KIND_WORDS = 16
MOST_LATER = 31
"""Months after the purchase before from which it does not matter how many they are; and for first purchases."""


class Cell(IntEnum):
    """Columns of the cells, by month of the entry and cohort; LAST_ACTIVE: whose last purchase is in the month."""

    ACTIVE = 0
    LAST_ACTIVE = 1
    REVENUE = 2
    MARGIN = 3


CELL_WORDS = len(Cell)


class Stray(IntEnum):
    """Columns of the money of a slot that is not in its cells."""

    REVENUE = 0
    MARGIN = 1


STRAY_WORDS = len(Stray)


class Lapse(IntEnum):
    """Columns of lapses, by month: customers who lapsed in the month, or quarter, and those won back."""

    LAPSED_MONTH = 0
    WON_BACK_MONTH = 1
    LAPSED_QUARTER = 2
    WON_BACK_QUARTER = 3


LAPSE_WORDS = len(Lapse)


class FirstPurchase(IntEnum):
    """Columns of first purchases, by cohort: customers, those observed long enough, those of them back soon."""

    CUSTOMERS = 0
    OBSERVED = 1
    BACK_SOON = 2


FIRST_WORDS = 4
"""Words of a row, one of them unused: 32 bytes, of which no row lies in two lines of a cache."""


class People(IntEnum):
    """Columns of the counts of customers, and of their lines and money.

    AGED, ONE_AND_DONE : first purchase long ago; of those, with no other
    YEAR_BUYERS, YEAR_REPEAT : with a purchase day in the last year; with two
    BUYERS_BEFORE, KEPT : with a purchase day in the year before it; of those, with one in the last year
    """

    CUSTOMERS = 0
    BUYERS = 1
    REPEAT = 2
    AGED = 3
    ONE_AND_DONE = 4
    YEAR_BUYERS = 5
    YEAR_REPEAT = 6
    BUYERS_BEFORE = 7
    KEPT = 8
    LINES = 9
    RETURN_LINES = 10
    SOLD = 11
    RETURNED = 12


PEOPLE_WORDS = 16
"""Words of a row, the last ones unused: two lines of a cache."""


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
        stray=zeros(n_slots * n_rows, STRAY_WORDS),
        stray_carry=carries(n_slots * n_rows, STRAY_WORDS),
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
