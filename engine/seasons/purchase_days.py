"""The purchase days of customers, all of them or a sample: what a season is estimated from and tried on."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from whalecurve.engine.models import Histories, collapsed
from whalecurve.engine.seasons.season import Season
from whalecurve.engine.store import Days, stretches_of
from whalecurve.kernels.arrays import Int64, Vector
from whalecurve.kernels.store import DayEntry


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PurchaseDays:
    """Purchase days of some customers, by customer and day, each once.

    customer : int64[m], from 0, ascending; day : int64[m], since 1970, ascending within a customer
    first_day, last_day : the days observed
    """

    customer: Int64
    day: Int64
    first_day: int
    last_day: int

    @classmethod
    def of(cls, days: Days, n_customers: int, first_day: int, last_day: int) -> Self:
        """Those of so many customers, or of a sample of them spread over the ids."""
        parts = []
        for start, end in stretches_of(n_customers):
            entries = days.entries_between(start, end)[:, DayEntry.CUSTOMER_AND_DAY]
            parts.append(entries[entries & 1 == 1])
        entries = np.concatenate([np.zeros(0, dtype=np.int64), *parts])
        customer, day = entries >> 32, (entries & 0xFFFFFFFF) >> 1
        return cls(customer=np.cumsum(_begins(customer)) - 1, day=day, first_day=first_day, last_day=last_day)

    def until(self, day: int) -> Self:
        """What was known at the end of a day; customers who came later are not among them."""
        kept = self.day <= day
        customer = self.customer[kept]
        numbers = np.cumsum(_begins(customer)) - 1
        return type(self)(customer=numbers, day=self.day[kept], first_day=self.first_day, last_day=day)

    def ids_until(self, day: int) -> Int64:
        """The numbers of the customers known at the end of a day."""
        known: Int64 = np.unique(self.customer[self.day <= day])
        return known

    @property
    def is_first(self) -> NDArray[np.bool_]:
        """Which entries are a customer's first."""
        return _begins(self.customer)

    @property
    def n_repeats(self) -> int:
        """Repeat purchases."""
        return self.day.size - int(np.count_nonzero(self.is_first))

    @property
    def joined(self) -> Vector:
        """float64[days observed], customers by the day of their first purchase."""
        return self._by_day(self.day[self.is_first])

    @property
    def repeats(self) -> Vector:
        """float64[days observed], repeat purchases by day."""
        return self._by_day(self.day[~self.is_first])

    def times(self) -> tuple[Vector, Int64, Int64]:
        """Of each customer: repeat purchases, the first day and the last."""
        first = np.flatnonzero(self.is_first)
        ends = np.append(first[1:], self.day.size)
        return (ends - first - 1).astype(np.float64), self.day[first], self.day[ends - 1]

    def histories(self, season: Season | None) -> Histories:
        """Histories at the last day, in days, or in operational days of a season."""
        x, first, last = self.times()
        if season is None:
            return collapsed(x, last - first, self.last_day - first)
        tau = operational(season, self.first_day, self.last_day)
        start, end = tau[first - self.first_day + 1], tau[last - self.first_day + 1]
        return collapsed(x, end - start, tau[-1] - start)

    def _by_day(self, days: Int64) -> Vector:
        n = self.last_day - self.first_day + 1
        return np.bincount(days - self.first_day, minlength=n).astype(np.float64)


def operational(season: Season | None, first_day: int, last_day: int) -> Vector:
    """Operational days from before `first_day` to the end of each day up to `last_day`, the first 0."""
    if season is None:
        return np.arange(last_day - first_day + 2, dtype=np.float64)
    return np.append(0.0, np.cumsum(season.factors(first_day, last_day)))


def _begins(customer: Int64) -> NDArray[np.bool_]:
    """Where another customer begins, in entries by customer."""
    begins = np.ones(customer.size, dtype=np.bool_)
    begins[1:] = customer[1:] != customer[:-1]
    return begins
