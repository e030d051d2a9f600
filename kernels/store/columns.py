"""The columns that order lines come in, and those that totals of customers go out in."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from whalecurve.kernels.arrays import Bytes, Int32, Int64

NO_NUMBERS: Int64 = np.empty(0, dtype=np.int64)
NO_COUNTS: Int32 = np.empty(0, dtype=np.int32)
NO_BYTES: Bytes = np.empty(0, dtype=np.uint8)

IS_RETURN, IS_UNNAMED = 1, 2
"""Flags of a row's kind: it takes money off; it has no order id."""


class Lines(NamedTuple):
    """m order lines, in any order. A column that the log does not have is an empty array.

    key : int64[m], the customer id, or a hash of its bytes, from one and the same function always
    day : int32[m], days since 1970-01-01
    amount, margin : int64[m], in any small unit of money; negative where a line takes money off
    order : int64[m], the order id or a hash of it; order_is_null : uint8[m]
    is_return : uint8[m]; empty: a negative amount is a return
    ends : int64[m + 1], text : uint8[...]; line i's customer id is text[ends[i]:ends[i + 1]], where ids are bytes
    n_lines : int32[m], how many lines of one customer, day, order and kind were added up before; empty: one each
    """

    key: Int64
    day: Int32
    amount: Int64
    margin: Int64
    order: Int64
    order_is_null: Bytes
    is_return: Bytes
    ends: Int64
    text: Bytes
    n_lines: Int32 = NO_COUNTS


class Rows(NamedTuple):
    """n lines of some customers as they are added up: the columns of `Lines` without ids, `kind` in place of flags.

    margin, order : empty where the log has none
    n_lines : empty where each row is one line
    """

    day: Int32
    amount: Int64
    margin: Int64
    order: Int64
    kind: Bytes
    n_lines: Int32


class DayLines(IntEnum):
    """Columns of the counts of lines by day, int64."""

    LINES = 0
    RETURN_LINES = 1


class DayTotal(IntEnum):
    """Columns of a customer's days, int32: first, last and second purchase day; `NO_DAY` where there is none."""

    FIRST = 0
    LAST = 1
    SECOND = 2


DAY_WORDS = len(DayTotal)
NO_DAY = -1


class CountTotal(IntEnum):
    """Columns of a customer's counts, int64."""

    PURCHASE_DAYS = 0
    ORDERS = 1
    LINES = 2
    RETURN_LINES = 3


COUNT_WORDS = len(CountTotal)


class MoneyTotal(IntEnum):
    """Columns of a customer's money, int64.

    SOLD, RETURNED, REVENUE, MARGIN : amounts sold and returned, net sums
    FIRST_REVENUE, FIRST_MARGIN, EARLY_REVENUE, EARLY_MARGIN : what belongs to the first purchase; what came before it
    YEAR_VALUE : net value of the last 365 days
    """

    SOLD = 0
    RETURNED = 1
    REVENUE = 2
    MARGIN = 3
    FIRST_REVENUE = 4
    FIRST_MARGIN = 5
    EARLY_REVENUE = 6
    EARLY_MARGIN = 7
    YEAR_VALUE = 8


MONEY_WORDS = len(MoneyTotal)

YEAR = 365
"""Days that are looked back on, both ends included; and how long after a purchase a customer is current."""


class DayEntry(IntEnum):
    """Columns of the entries of customers' days, int64.

    CUSTOMER_AND_DAY : customer, day and whether it was a purchase, in one word
    REVENUE, MARGIN : the day's net revenue; the customer's net margin up to the end of that day
    """

    CUSTOMER_AND_DAY = 0
    REVENUE = 1
    MARGIN = 2


ENTRY_WORDS = len(DayEntry)
NO_ENTRIES: Int64 = np.empty((0, ENTRY_WORDS), dtype=np.int64)
