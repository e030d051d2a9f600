"""What measures over time are asked for: the days observed, the groups of customers, the spans that count."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.orders import day_number
from whalecurve.kernels.measures import MOST_MONTHS

ALL = "all"
"""The scheme, and its one group, of all customers."""

MOST_GROUPS = 255
"""Groups of a scheme."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureSettings:
    """Settings of the measures over time.

    observed_from, as_of : first and last day observed
    schemes : name and groups of each scheme but the one of all customers, in the order in which groups are numbered
    has_margin : whether days carry margin; without, what is worked out of it is null
    value : what `value` is of amounts, margin or revenue
    soon_days : W; a second purchase day at most so many days after the first makes a new customer a returning one
    aged_days : age from which a customer with one purchase day is one-and-done
    level : confidence level of intervals

    Raises
    ------
    InputError
        More months than are counted.
    """

    observed_from: date
    as_of: date
    schemes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    has_margin: bool = False
    value: Literal["margin", "revenue"] = "revenue"
    soon_days: int = 90
    aged_days: int = 90
    level: float = 0.95

    def __post_init__(self) -> None:
        if self.as_of < self.observed_from:
            raise InputError(
                f"measures: {setting('as_of', self.as_of)} is before the first day observed, {self.observed_from}"
            )
        if self.n_months > MOST_MONTHS:
            raise InputError(
                f"measures: {self.observed_from} to {self.as_of} are {self.n_months:,} months, "
                f"more than {MOST_MONTHS:,} (100 years); give {setting('since')} or {setting('as_of')}, or fix the "
                f"dates"
            )
        if self.value == "margin" and not self.has_margin:
            raise InputError(
                f"measures: value is margin, which the orders do not carry; map {setting('margin')} or "
                f"{setting('cost')}"
            )
        if not 0 < self.soon_days <= 3650:
            raise InputError(f"measures: a second purchase within {self.soon_days} days; choose 1 to 3650")
        for scheme, groups in self.schemes:
            if len(groups) > MOST_GROUPS:
                raise InputError(f"measures: {scheme} has {len(groups)} groups; at most {MOST_GROUPS} can be measured")

    @property
    def first_day(self) -> int:
        """The first day observed, counted from 1970-01-01."""
        return day_number(self.observed_from)

    @property
    def last_day(self) -> int:
        """The last day observed, counted from 1970-01-01."""
        return day_number(self.as_of)

    @property
    def first_month(self) -> int:
        """The month of the first day observed, counted from January 1970."""
        return month_number(self.observed_from)

    @property
    def n_months(self) -> int:
        """Months that are observed, the first and the last in part perhaps."""
        return month_number(self.as_of) - self.first_month + 1

    def is_complete(self, first_month: int, n_months: int = 1) -> bool:
        """Whether all days of a month, or of several from it on, are observed."""
        return self.first_day <= month_start(first_month) and month_start(first_month + n_months) <= self.last_day + 1

    @property
    def rows(self) -> list[tuple[str, str | None]]:
        """Scheme and group of each row of sums; after the groups of a scheme those whom it puts in none."""
        named = [(scheme, group) for scheme, groups in self.schemes for group in (*groups, None)]
        return [(ALL, ALL), *named]


def month_number(day: date) -> int:
    """Months from January 1970 to that of a day."""
    return 12 * (day.year - 1970) + day.month - 1


def month_start(number: int) -> int:
    """The first day of a month, both counted from January 1970; beyond the calendar of `date`, too."""
    return int(np.datetime64(number, "M").astype("datetime64[D]").astype(np.int64))
