"""When what new customers have earned makes up for what they have cost."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from whalecurve.engine.money import UNITS
from whalecurve.engine.settings import DAYS_PER_UNIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """New customers of one value in one month, and what was spent for them.

    spend : fixed-point
    customers : how many
    earned, squares : by month of age, the sum over customers of what each earned until its end, and of its squares;
        fixed-point; as many as have been observed of every customer to their ends
    """

    month: date
    spend: int
    customers: int
    earned: tuple[int, ...]
    squares: tuple[int, ...]

    @property
    def observed(self) -> int:
        """Months of age that have been observed of every customer."""
        return len(self.earned)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What cohorts have earned by the end of a month of age.

    months : from the first purchase
    customers, spend : of the cohorts that have been observed for as long; spend and earned are in currency
    low, high : interval of what a customer earned; None for one customer
    """

    months: int
    customers: int
    spend: float
    earned: float
    low: float | None
    high: float | None
    is_back: bool

    @property
    def per_customer(self) -> float:
        """What a customer earned on average."""
        return self.earned / self.customers


@dataclass(frozen=True, slots=True, kw_only=True)
class Payback:
    """The first month of age by whose end spend was back, and the same for the bounds of what was earned.

    month : None while it has not been observed
    low, high : where the upper, and the lower, bound of the mean earned reaches the cost of a customer; None likewise
    observed : months of age that have been observed
    """

    month: int | None
    low: int | None
    high: int | None
    observed: int


def months_observed(month: date, as_of: date) -> int:
    """Whole months of age that every customer acquired in a calendar month was observed for, by the end of a day."""
    last = (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return max(0, math.floor(((as_of - last).days + 1) / DAYS_PER_UNIT["month"]))


def curve(cohorts: Iterable[Cohort], z: float) -> list[Point]:
    """What cohorts have earned, by months of age: of those that were observed for so long, beside their own spend.

    The interval is that of a mean of as many customers, z standard errors either way.
    """
    bought = [cohort for cohort in cohorts if cohort.customers]
    points = []
    for at in range(max((cohort.observed for cohort in bought), default=0)):
        seen = [cohort for cohort in bought if cohort.observed > at]
        n, earned = sum(cohort.customers for cohort in seen), sum(cohort.earned[at] for cohort in seen)
        spend = sum(cohort.spend for cohort in seen)
        low, high = _bounds(n, earned, sum(cohort.squares[at] for cohort in seen), z)
        points.append(
            Point(
                months=at + 1,
                customers=n,
                spend=spend / UNITS,
                earned=earned / UNITS,
                low=low,
                high=high,
                is_back=earned >= spend,
            )
        )
    return points


def payback_of(points: list[Point]) -> Payback:
    """The month of payback, by the points of a curve."""
    return Payback(
        month=next((p.months for p in points if p.is_back), None),
        low=next((p.months for p in points if p.high is not None and p.high * p.customers >= p.spend), None),
        high=next((p.months for p in points if p.low is not None and p.low * p.customers >= p.spend), None),
        observed=len(points),
    )


def _bounds(n: int, total: int, squares: int, z: float) -> tuple[float | None, float | None]:
    """Bounds of the mean, in currency; from whole numbers, so that nothing cancels."""
    if n < 2:
        return None, None
    mean = total / n / UNITS
    error = math.sqrt(max(0, n * squares - total * total) / (n - 1)) / n / UNITS
    return mean - z * error, mean + z * error
