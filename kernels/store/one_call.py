"""An entry for other jobs: arrays of order lines of some customers -> one row of exact totals a customer."""

from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from whalecurve.kernels.arrays import Int32, Int64
from whalecurve.kernels.store.columns import (
    COUNT_WORDS,
    DAY_WORDS,
    IS_RETURN,
    IS_UNNAMED,
    MONEY_WORDS,
    NO_ENTRIES,
    NO_NUMBERS,
    Lines,
    Rows,
)
from whalecurve.kernels.store.exact_totals import scan_customers
from whalecurve.kernels.store.grouping import group

Column = TypeVar("Column", bound=NDArray[Any])


class CustomerTotals(NamedTuple):
    """Totals of m customers: integers in ascending order, bytes in the order in which they were met.

    first_line : int64[m], a line of each customer, from which the caller takes the id
    days : int32[m, 3], columns `DayTotal`: first, last and second purchase day; -1 where there is none
    counts : int64[m, 4], columns `CountTotal`: purchase days, orders, lines, return lines
    money : int64[m, 9], columns `MoneyTotal`: sold, returned, net revenue and margin, what of both belongs to the
        first purchase and what came before it, net value of the last 365 days
    """

    first_line: Int64
    days: Int32
    counts: Int64
    money: Int64


def customer_totals(
    lines: Lines, *, since: int = 0, until: int | None = None, uses_margin: bool = False
) -> CustomerTotals:
    """Add up the lines of some customers, of each of whom all are there; in any order, exactly.

    Parameters
    ----------
    lines
        As `Lines` describes them; money in any small unit, days from 1970-01-01.
    since, until
        First and last day that count, both included; `until` is also the day that is looked back from. None: all days,
        and looked back from the last of them.
    uses_margin
        What the value of the last days is of: margin, else revenue.

    Returns
    -------
    CustomerTotals
        Days, counts and money, a row a customer, in ascending order of ids.

    Examples
    --------
    >>> import numpy as np
    >>> from whalecurve.kernels.store import CountTotal, Lines, customer_totals
    >>> none, flags = np.empty(0, np.int64), np.empty(0, np.uint8)
    >>> ids, days = np.array([7, 9, 7]), np.array([19_723, 19_735, 19_730], np.int32)
    >>> cents = np.array([1000, 500, 1250])
    >>> lines = Lines(ids, days, cents, none, none, flags, flags, none, flags)
    >>> customer_totals(lines).counts[:, CountTotal.LINES]
    array([2, 1])
    """
    n = lines.day.size
    by_customer, first = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    starts = np.empty(n + 1, dtype=np.int64)
    key, day, amount = _own(lines.key), _own(lines.day), _own(lines.amount)
    margin, order = _own(lines.margin), _own(lines.order)
    m = group(key, day, _own(lines.ends), _own(lines.text), by_customer, starts, first)
    by_id = np.arange(m) if lines.ends.size else np.argsort(key[first[:m]], kind="stable")
    is_return = lines.is_return != 0 if lines.is_return.size else amount < 0
    kind = np.where(is_return, IS_RETURN, 0).astype(np.uint8)
    if lines.order_is_null.size:
        kind |= np.where(lines.order_is_null != 0, IS_UNNAMED, 0).astype(np.uint8)
    rows = Rows(day=day, amount=amount, margin=margin, order=order, kind=kind, n_lines=_own(lines.n_lines))
    last = until if until is not None else int(day.max(initial=0))
    days = np.empty((m, DAY_WORDS), dtype=np.int32)
    counts, money = np.empty((m, COUNT_WORDS), dtype=np.int64), np.empty((m, MONEY_WORDS), dtype=np.int64)
    scan_customers(
        rows,
        by_customer,
        starts,
        by_id,
        since,
        last,
        uses_margin,
        days,
        counts,
        money,
        NO_NUMBERS.copy(),
        NO_ENTRIES.copy(),
    )
    return CustomerTotals(first_line=first[:m][by_id].astype(np.int64), days=days, counts=counts, money=money)


def _own(column: Column) -> Column:
    """A column that can be written to: kernels are compiled for one kind."""
    return column if column.flags.writeable else column.copy()
