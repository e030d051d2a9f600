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
    """A customer's totals; days are -1 where there is none; `early` is what came before any purchase."""

    first_day: int
    last_day: int
    second_day: int
    n_purchase_days: int
    n_orders: int
    n_lines: int
    n_return_lines: int
    sold: int
    returned: int
    revenue: int
    margin: int
    first_revenue: int
    first_margin: int
    early_revenue: int
    early_margin: int


def is_back(line):
    """Whether a line is a return line."""
    return line.amount < 0 if line.is_return is None else line.is_return


def by_customer(lines):
    """The lines of each customer."""
    found = defaultdict(list)
    for line in lines:
        found[line.customer].append(line)
    return found


def totals_of(lines, *, has_orders=True):
    """Totals by customer, whatever the order of the lines; without order ids the orders are the purchase days."""
    found = {customer: _totals(own) for customer, own in by_customer(lines).items()}
    if has_orders:
        return found
    return {customer: own._replace(n_orders=own.n_purchase_days) for customer, own in found.items()}


def purchase_days(lines):
    """Days of one customer with a sale, and either no return or a positive net amount; ascending."""
    days = defaultdict(list)
    for line in lines:
        days[line.day].append(line)
    return sorted(
        day
        for day, own in days.items()
        if not all(map(is_back, own)) and (not any(map(is_back, own)) or sum(line.amount for line in own) > 0)
    )


def purchase_of(line, lines, bought):
    """The purchase day that a line of one customer belongs to: its own, or that of what it takes back; or None."""
    home = line.day
    if is_back(line) and line.order is not None:
        home = min((other.day for other in lines if not is_back(other) and other.order == line.order), default=home)
    return max((day for day in bought if day <= home), default=None)


def _totals(lines):
    bought = purchase_days(lines)
    belongs = [(purchase_of(line, lines, bought), line) for line in lines]
    opening = [line for day, line in belongs if bought and day == bought[0]]
    before = [line for day, line in belongs if day is None]
    sales = [line for line in lines if not is_back(line)]
    backs = [line for line in lines if is_back(line)]
    return Totals(
        first_day=min(bought, default=-1),
        last_day=max(bought, default=-1),
        second_day=bought[1] if len(bought) > 1 else -1,
        n_purchase_days=len(bought),
        n_orders=len({(line.day, line.order) for line in sales}),
        n_lines=len(lines),
        n_return_lines=len(backs),
        sold=sum(line.amount for line in sales),
        returned=-sum(line.amount for line in backs),
        revenue=sum(line.amount for line in lines),
        margin=sum(line.margin for line in lines),
        first_revenue=sum(line.amount for line in opening),
        first_margin=sum(line.margin for line in opening),
        early_revenue=sum(line.amount for line in before),
        early_margin=sum(line.margin for line in before),
    )


def days_of(lines):
    """(day, whether it is a purchase day, net revenue, net margin) of one customer, ascending."""
    bought = purchase_days(lines)
    return [
        (
            day,
            day in bought,
            sum(line.amount for line in lines if line.day == day),
            sum(line.margin for line in lines if line.day == day),
        )
        for day in sorted({line.day for line in lines})
    ]
