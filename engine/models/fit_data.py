"""What the models are fitted to, as it comes together."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.models.histories import Histories, collapsed, fits_a_word, words_of
from whalecurve.engine.models.history_counts import HistoryCounts
from whalecurve.engine.money import UNITS
from whalecurve.engine.settings import Window
from whalecurve.kernels.arrays import Vector

COLUMNS = ("frequency", "recency", "T", "monetary_value", "value")


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPurchases:
    """What first purchases brought on average, less returns, by whether the customer came back; None without any.

    Where time is counted in periods, both are None: the value of a period that is not over is in none of them.
    """

    of_one_time_buyers: float | None = None
    of_repeat_customers: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FitData:
    """What the models are fitted to.

    histories : of the customers with a purchase; with the gaps between them, where `with_gaps` told them
    x, m : frequency and mean value of the repeat customers
    firsts : what first purchases brought
    first : of each repeat customer, what the first purchase brought; None where that was not kept
    """

    histories: Histories
    x: NDArray[np.uint32]
    m: Vector
    firsts: FirstPurchases = FirstPurchases()
    first: Vector | None = None

    def with_gaps(self, n_of_days: NDArray[np.int64], window: Window) -> "FitData":
        """The same with the gaps between purchases: int64[any], how many gaps of 0, 1, 2 ... days there are."""
        if window.period is not None:
            return self
        return replace(self, histories=self.histories.with_gaps(n_of_days, window.days_per_unit))

    def spend(self, *, sees_losses: bool) -> tuple[NDArray[np.uint32], Vector]:
        """Frequency and mean value of the repeat customers whom a spend model sees, all of them or those with m > 0."""
        is_seen = self.m > 0.0
        return (self.x, self.m) if sees_losses or is_seen.all() else (self.x[is_seen], self.m[is_seen])

    @property
    def means(self) -> dict[str, float | None]:
        """Mean T, in the unit of the models, and mean monetary value where it is positive; None without any."""
        m = self.spend(sees_losses=False)[1]
        return {
            "T": self.histories.mean_age if self.histories.n else None,
            "monetary_value": float(m.mean()) if m.size else None,
        }


def fit_data_of(summary: pl.DataFrame, window: Window) -> FitData:
    """Collect it from a summary in memory, sorted by customer."""
    builder = FitDataBuilder(summary.height, window, keeps_first=True)
    builder.add(summary)
    return builder.collected()


class FitDataBuilder:
    """What so many customers at most give to fit to, from tables that have `COLUMNS`, sorted by customer."""

    def __init__(self, n_customers: int, window: Window, *, keeps_first: bool = False) -> None:
        """None has come yet; `keeps_first` keeps the first purchase of each repeat customer, for models that use it."""
        self._per_unit = 1.0 if window.period is not None else window.days_per_unit
        self._histories = HistoryCounts()
        self._x, self._m = np.empty(n_customers, dtype=np.uint32), np.empty(n_customers)
        self._n_repeat = 0
        self._counts_days = window.period is None
        self._first = np.empty(n_customers) if keeps_first and self._counts_days else None
        self._firsts = {"of_one_time_buyers": (0, 0), "of_repeat_customers": (0, 0)}

    def add(self, table: pl.DataFrame) -> None:
        """Take the next customers."""
        has_purchase = table["frequency"].is_not_null().to_numpy()
        x, m = (table[name].fill_null(0).to_numpy() for name in ("frequency", "monetary_value"))
        is_repeat = x > 0
        start, self._n_repeat = self._n_repeat, self._n_repeat + int(np.count_nonzero(is_repeat))
        self._x[start : self._n_repeat] = x[is_repeat]
        self._m[start : self._n_repeat] = m[is_repeat]
        t_x, T = (table[name].cast(pl.Float64).to_numpy()[has_purchase] for name in ("recency", "T"))
        if self._counts_days:
            first = table["value"].to_numpy() - x * m
            if self._first is not None:
                self._first[start : self._n_repeat] = np.rint(first[is_repeat] * UNITS) / UNITS
            for name, some in zip(self._firsts, (has_purchase & ~is_repeat, is_repeat), strict=True):
                n, total = self._firsts[name]
                self._firsts[name] = n + int(np.count_nonzero(some)), total + _units(first[some])
        self._histories.add(_words(x[has_purchase].astype(np.float64), t_x, T, self._per_unit))

    def collected(self) -> FitData:
        """All of it."""
        return FitData(
            histories=self._histories.counted().scaled(self._per_unit),
            x=self._x[: self._n_repeat],
            m=self._m[: self._n_repeat],
            first=None if self._first is None else self._first[: self._n_repeat],
            firsts=FirstPurchases(
                **{name: total / UNITS / n if n else None for name, (n, total) in self._firsts.items()}
            ),
        )


def _units(values: Vector) -> int:
    """The sum of amounts in whole units of money, the same in whatever batches they come."""
    units = np.rint(values * UNITS).astype(np.int64)
    return (int((units >> 32).sum()) << 32) + int((units & 0xFFFFFFFF).sum())


def _words(x: Vector, t_x: Vector, T: Vector, per_unit: float) -> Histories | NDArray[np.uint64]:
    """Histories in whole days or periods as words; counted ones where a word is too short for them."""
    steps = np.rint(t_x * per_unit), np.rint(T * per_unit)
    return words_of(x, *steps) if x.size == 0 or fits_a_word(x, *steps) else collapsed(x, *steps)
