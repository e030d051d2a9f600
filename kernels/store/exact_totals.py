"""Exact totals of customers from their rows, by one scan over each customer's in order of day.

A purchase day has at least one sale line, and no return line or positive net revenue. An order is a distinct order id
among a customer's sale lines of one day; lines without an id count as one order a day.

A return belongs to the purchase that it takes back: with an order id under which the customer has a sale, to the
day of the first such sale (`returns`), else to its own day. What lies on a day that is no purchase belongs to the last
purchase before it. So the values of a customer's purchases add up to the net sum less what came before the first of
them.
"""

import numpy as np
from numpy import int64

from whalecurve.kernels.arrays import Bytes, Int32, Int64
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.store.columns import (
    IS_RETURN,
    IS_UNNAMED,
    NO_DAY,
    YEAR,
    CountTotal,
    DayEntry,
    DayTotal,
    MoneyTotal,
    Rows,
)
from whalecurve.kernels.store.returns import DAY_MONEY_WORDS, DayMoney, move_returns

FEW_ORDERS = 32
"""Rows up to which orders are told apart by looking at all of them."""


@scalar
def scan_customers(
    rows: Rows,
    by_customer: Int32,
    starts: Int64,
    customers: Int64,
    since: int,
    until: int,
    uses_margin: bool,
    days: Int32,
    counts: Int64,
    money: Int64,
    gaps: Int64,
    entries: Int64,
) -> int:
    """Add up the rows of m customers.

    Parameters
    ----------
    rows : of which by_customer[starts[c]:starts[c + 1]] are customer c's, in order of day, as `group` puts them
    customers : int64[m], those to add up, in the order of the results
    since, until : first and last day that count
    uses_margin : value is margin, else revenue
    days, counts, money : int32[m, 3], int64[m, 4], int64[m, 9], of `DayTotal`, `CountTotal`, `MoneyTotal`; all set
    gaps : int64[span], gaps of d days between purchase days at d; added to. Empty: they are not counted
    entries : int64[rows, 3], of `DayEntry`, one for each day of each customer, numbered from 0; empty: they are not
        wanted

    Returns
    -------
    The number of entries
    """
    n_entries, longest = 0, 0
    for i in range(customers.shape[0]):
        longest = max(longest, starts[customers[i] + 1] - starts[customers[i]])
    own_days, own_money = np.empty(longest, np.int32), np.empty((longest, DAY_MONEY_WORDS), np.int64)
    has_margin, has_order = rows.margin.shape[0] > 0, rows.order.shape[0] > 0
    for i in range(customers.shape[0]):
        start, end = starts[customers[i]], starts[customers[i] + 1]
        while start < end and rows.day[by_customer[start]] < since:
            start += 1
        while end > start and rows.day[by_customer[end - 1]] > until:
            end -= 1
        n_orders, n_lines, n_returns, sold, returned = int64(0), int64(0), int64(0), int64(0), int64(0)
        n_days, n_named_returns, at = 0, 0, start
        while at < end:
            day, first = rows.day[by_customer[at]], at
            revenue, margin, has_sale, has_return = int64(0), int64(0), False, False
            while at < end and rows.day[by_customer[at]] == day:
                row = by_customer[at]
                amount, n = rows.amount[row], int64(rows.n_lines[row]) if rows.n_lines.shape[0] > 0 else int64(1)
                revenue += amount
                if has_margin:
                    margin += rows.margin[row]
                n_lines += n
                if rows.kind[row] & IS_RETURN:
                    has_return = True
                    n_returns += n
                    returned -= amount
                    n_named_returns += has_order and rows.kind[row] & IS_UNNAMED == 0
                else:
                    has_sale = True
                    sold += amount
                at += 1
            if has_order and has_sale:
                n_orders += n_orders_of(rows.order, rows.kind, by_customer, first, at)
            own_days[n_days] = (day << 1) | (has_sale and (not has_return or revenue > 0))
            own_money[n_days, DayMoney.REVENUE] = own_money[n_days, DayMoney.OWN_REVENUE] = revenue
            own_money[n_days, DayMoney.MARGIN] = own_money[n_days, DayMoney.OWN_MARGIN] = margin
            n_days += 1
        if n_named_returns > 0:
            move_returns(rows, by_customer, start, end, own_days, own_money, n_days)
        money[i] = 0
        days[i] = NO_DAY
        n_purchases, previous, so_far = 0, 0, int64(0)
        for j in range(n_days):
            day, is_bought = own_days[j] >> 1, own_days[j] & 1
            revenue, margin = own_money[j, DayMoney.REVENUE], own_money[j, DayMoney.MARGIN]
            money[i, MoneyTotal.REVENUE] += revenue
            money[i, MoneyTotal.MARGIN] += margin
            if until - day < YEAR:
                money[i, MoneyTotal.YEAR_VALUE] += margin if uses_margin else revenue
            if is_bought:
                if n_purchases == 0:
                    days[i, DayTotal.FIRST] = day
                else:
                    if n_purchases == 1:
                        days[i, DayTotal.SECOND] = day
                    if gaps.shape[0] > 0:
                        gaps[day - previous] += 1
                days[i, DayTotal.LAST] = previous = day
                n_purchases += 1
            if n_purchases == 0:
                money[i, MoneyTotal.EARLY_REVENUE] += own_money[j, DayMoney.OWN_REVENUE]
                money[i, MoneyTotal.EARLY_MARGIN] += own_money[j, DayMoney.OWN_MARGIN]
            elif n_purchases == 1:
                money[i, MoneyTotal.FIRST_REVENUE] += own_money[j, DayMoney.OWN_REVENUE]
                money[i, MoneyTotal.FIRST_MARGIN] += own_money[j, DayMoney.OWN_MARGIN]
            if entries.shape[0] > 0:
                so_far += margin
                entries[n_entries, DayEntry.CUSTOMER_AND_DAY] = (int64(i) << 32) | own_days[j]
                entries[n_entries, DayEntry.REVENUE], entries[n_entries, DayEntry.MARGIN] = revenue, so_far
                n_entries += 1
        money[i, MoneyTotal.SOLD], money[i, MoneyTotal.RETURNED] = sold, returned
        counts[i, CountTotal.PURCHASE_DAYS] = n_purchases
        counts[i, CountTotal.ORDERS] = n_orders if has_order else n_purchases
        counts[i, CountTotal.LINES], counts[i, CountTotal.RETURN_LINES] = n_lines, n_returns
    return n_entries


@scalar
def n_orders_of(order: Int64, kind: Bytes, by_customer: Int32, start: int, end: int) -> int:
    """How many orders the sale lines among some rows of one customer and day have."""
    n, has_unnamed = 0, 0
    if end - start <= FEW_ORDERS:
        for i in range(start, end):
            row = by_customer[i]
            if kind[row] & IS_RETURN:
                continue
            if kind[row] & IS_UNNAMED:
                has_unnamed = 1
                continue
            is_new = True
            for j in range(start, i):
                other = by_customer[j]
                if kind[other] == 0 and order[other] == order[row]:
                    is_new = False
                    break
            n += is_new
        return n + has_unnamed
    own = np.empty(end - start, np.int64)
    m = 0
    for i in range(start, end):
        row = by_customer[i]
        if kind[row] == 0:
            own[m] = order[row]
            m += 1
        elif kind[row] == IS_UNNAMED:
            has_unnamed = 1
    own = np.sort(own[:m])
    for i in range(m):
        n += i == 0 or own[i] != own[i - 1]
    return n + has_unnamed
