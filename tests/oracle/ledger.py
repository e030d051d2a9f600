"""Totals per customer from their definitions, over plain lists of lines: dictionaries of days, nothing of ours."""

from collections import defaultdict
from typing import NamedTuple


class Line(NamedTuple):
    """An order line; money in whole units. `order` None: no id. `is_return` None: a negative amount is a return."""

    customer: int | bytes
    day: int
    amount: int
    margin: int = 0
    order: int | None = None
    is_return: bool | None = None


class Totals(NamedTuple):
    """A customer's totals; days are -1 where there is no purchase day."""

    first_day: int
    last_day: int
    n_purchase_days: int
    n_orders: int
    n_lines: int
    n_return_lines: int
    sold: int
    returned: int
    revenue: int
    margin: int
    first_day_revenue: int
    first_day_margin: int


def is_back(line):
    """Whether a line is a return line."""
    return line.amount < 0 if line.is_return is None else line.is_return


def totals_of(lines):
    """Totals by customer, whatever the order of the lines."""
    by_customer = defaultdict(list)
    for line in lines:
        by_customer[line.customer].append(line)
    return {customer: _totals(own) for customer, own in by_customer.items()}


def _totals(lines):
    days = defaultdict(list)
    for line in lines:
        days[line.day].append(line)
    purchases = {}
    for day, own in days.items():
        has_return, has_sale = any(map(is_back, own)), not all(map(is_back, own))
        if has_sale and (not has_return or sum(line.amount for line in own) > 0):
            purchases[day] = own
    opening = purchases[min(purchases)] if purchases else []
    sales = [line for line in lines if not is_back(line)]
    backs = [line for line in lines if is_back(line)]
    return Totals(
        first_day=min(purchases, default=-1),
        last_day=max(purchases, default=-1),
        n_purchase_days=len(purchases),
        n_orders=len({(line.day, line.order) for line in sales}),
        n_lines=len(lines),
        n_return_lines=len(backs),
        sold=sum(line.amount for line in sales),
        returned=-sum(line.amount for line in backs),
        revenue=sum(line.amount for line in lines),
        margin=sum(line.margin for line in lines),
        first_day_revenue=sum(line.amount for line in opening),
        first_day_margin=sum(line.margin for line in opening),
    )


def is_in_order(lines, customer):
    """Whether no line of a customer is for a day before that of an earlier one."""
    days = [line.day for line in lines if line.customer == customer]
    return days == sorted(days)
