"""Measures over time from their definitions, over a plain list of days: sets and loops, nothing of ours."""

from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

YEAR = timedelta(days=365)


class Day(NamedTuple):
    """A customer's day; money in whole units."""

    customer: int
    day: date
    revenue: int
    margin: int = 0
    is_purchase: bool = True


def purchase_days(log):
    """The purchase days of each customer, in order."""
    days = defaultdict(list)
    for entry in sorted(log, key=lambda entry: entry.day):
        if entry.is_purchase:
            days[entry.customer].append(entry.day)
    return dict(days)


def period_of(day, months):
    """The number of the calendar period of so many months that a day is in."""
    return (12 * day.year + day.month - 1) // months


def bounds(number, months):
    """First and last day of a period."""
    ends = [date(n * months // 12, n * months % 12 + 1, 1) for n in (number, number + 1)]
    return ends[0], ends[1] - timedelta(days=1)


def in_period(log, members, number, months):
    """The measures of a period: counts, and sums of money."""
    first, last = bounds(number, months)
    days = {customer: own for customer, own in purchase_days(log).items() if customer in members}
    active = {c for c, own in days.items() if any(first <= d <= last for d in own)}
    previous = {c for c, own in days.items() if any(period_of(d, months) == number - 1 for d in own)}
    new = {c for c, own in days.items() if first <= own[0] <= last}
    earlier = {c for c, own in days.items() if own[0] < first}
    if months == 12:
        at_start, at_end = previous, active
    else:
        at_start = {c for c, own in days.items() if any(first - YEAR <= d < first for d in own)}
        at_end = {c for c, own in days.items() if any(last - YEAR < d <= last for d in own)}
    return {
        "active": len(active),
        "new": len(new),
        "previous": len(previous),
        "retained": len(active & previous),
        "reactivated": len((active - previous) & earlier),
        "at_start": len(at_start),
        "lost": len(at_start - at_end),
        "purchases": sum(first <= d <= last for own in days.values() for d in own),
        "revenue": sum(e.revenue for e in log if e.customer in members and first <= e.day <= last),
        "margin": sum(e.margin for e in log if e.customer in members and first <= e.day <= last),
    }


def of_group(log, members, as_of, *, soon=90, aged=90):
    """What is counted of a group whatever the period."""
    days = {customer: own for customer, own in purchase_days(log).items() if customer in members}
    old = {c: own for c, own in days.items() if (as_of - own[0]).days >= aged}
    seen = {c: own for c, own in days.items() if (as_of - own[0]).days >= soon}
    year = {c: [d for d in own if d > as_of - YEAR] for c, own in days.items()}
    before = {c for c, own in days.items() if any(as_of - 2 * YEAR < d <= as_of - YEAR for d in own)}
    return {
        "customers": len(members),
        "buyers": len(days),
        "repeat_customers": sum(len(own) > 1 for own in days.values()),
        "year_buyers": sum(len(own) > 0 for own in year.values()),
        "year_repeat_customers": sum(len(own) > 1 for own in year.values()),
        "aged": len(old),
        "one_and_done": sum(len(own) == 1 for own in old.values()),
        "new_observed": len(seen),
        "new_back": sum(len(own) > 1 and (own[1] - own[0]).days <= soon for own in seen.values()),
        "before": len(before),
        "kept": sum(len(year[c]) > 0 for c in before),
        "year_purchases": sum(map(len, year.values())),
        "year_revenue": sum(e.revenue for e in log if e.customer in members and as_of - YEAR < e.day),
    }


def gaps(log, members, as_of):
    """Gaps between purchase days, and those that as-of cuts."""
    days = [own for customer, own in purchase_days(log).items() if customer in members]
    return (
        [(b - a).days for own in days for a, b in pairwise(own)],
        [(as_of - own[-1]).days for own in days],
    )


def cohorts(log, members):
    """Size, and by age active and unbounded customers, revenue and margin, by month of first purchase."""
    days = {customer: own for customer, own in purchase_days(log).items() if customer in members}
    found = {}
    for month in {period_of(own[0], 1) for own in days.values()}:
        mine = {c: own for c, own in days.items() if period_of(own[0], 1) == month}

        def age_of(day, month=month):
            return max(period_of(day, 1) - month, 0)

        money = defaultdict(lambda: [0, 0])
        for entry in log:
            if entry.customer in mine:
                money[age_of(entry.day)][0] += entry.revenue
                money[age_of(entry.day)][1] += entry.margin
        found[month] = (
            len(mine),
            lambda age, mine=mine, age_of=age_of: sum(age in map(age_of, own) for own in mine.values()),
            lambda age, mine=mine, age_of=age_of: sum(age <= age_of(own[-1]) for own in mine.values()),
            lambda age, money=money: tuple(money[age]),
        )
    return found


def product_limit(events, censored):
    """The share without an event by each duration: Kaplan-Meier, one duration at a time."""
    share, found = 1.0, {}
    for days in sorted({*events, *censored}):
        at_risk = sum(d >= days for d in events) + sum(d >= days for d in censored)
        share *= 1.0 - events.count(days) / at_risk
        found[days] = share
    return found
