"""What some stages have to know of all customers at once, and no more of it than that."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.models import COLUMNS as FIT_COLUMNS
from whalecurve.engine.models import FitData, FitDataBuilder
from whalecurve.engine.rfm import AnyThresholds, NestedThresholds, nested_thresholds, thresholds_of
from whalecurve.engine.settings import Method, Window
from whalecurve.engine.statistics import Survival, kaplan_meier
from whalecurve.kernels.arrays import Vector

COLUMNS = ("n_purchase_days", "days_since_last", *FIT_COLUMNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Of n customers, in the order of their ids.

    values : float64[n]; n_purchase_days : uint32[n]
    days : how many customers there are for each number of days since the last purchase
    days_since_last : int32[n], 0 where there is no purchase; kept for nested scores alone
    """

    values: Vector
    n_purchase_days: NDArray[np.uint32]
    days: NDArray[np.int64]
    days_since_last: NDArray[np.int32] | None = None

    def thresholds(self, bins: int, method: Method = "quantile") -> AnyThresholds:
        """The thresholds of R, F and M, by a method that finds them in the customers."""
        if method == "nested":
            assert self.days_since_last is not None, "nested scores were not announced to `population_of`"
            return nested_thresholds(self.days_since_last, self.n_purchase_days, self.values, bins)
        return thresholds_of(self.days, self._purchases, self.values[self.n_purchase_days > 0], bins)

    def score_counts(self, thresholds: AnyThresholds) -> dict[str, list[int]]:
        """How many customers with a purchase have each of the scores 1..bins, by name of the score."""
        if isinstance(thresholds, NestedThresholds):
            assert self.days_since_last is not None, "nested scores were not announced to `population_of`"
            return thresholds.counts(self.days_since_last, self.n_purchase_days, self.values)
        return thresholds.counts(self.days, self._purchases, self.values[self.n_purchase_days > 0])

    def gap_curve(self, gaps: NDArray[np.int64]) -> Survival:
        """How long until the next purchase: all gaps between purchase days, those since the last one still open.

        gaps : int64[span], how many closed gaps of d days there are, as `Totals.gaps` has them
        """
        return kaplan_meier(gaps, self.days)

    @property
    def _purchases(self) -> NDArray[np.int64]:
        """How many customers there are for each number of purchase days, none for 0."""
        counts = np.bincount(self.n_purchase_days, minlength=1)
        counts[0] = 0
        return counts


def population_of(
    tables: Iterable[pl.DataFrame],
    n_customers: int,
    window: Window,
    method: Method = "quantile",
    *,
    keeps_first: bool = False,
) -> tuple[Population, FitData]:
    """Collect it, and what models are fitted to, from the summary of so many customers, for scores by a method.

    The tables have `COLUMNS`, and are sorted by customer. `keeps_first` keeps first purchases for spend models.
    """
    fit_data, n_seen = FitDataBuilder(n_customers, window, keeps_first=keeps_first), 0
    values, n, days = np.empty(n_customers), np.empty(n_customers, dtype=np.uint32), np.zeros(0, dtype=np.int64)
    own_days = np.empty(n_customers, dtype=np.int32) if method == "nested" else None
    for table in tables:
        rows = slice(n_seen, n_seen + table.height)
        n_seen = rows.stop
        values[rows] = table["value"].to_numpy()
        n[rows] = table["n_purchase_days"].to_numpy()
        days = _added(days, np.bincount(table["days_since_last"].drop_nulls().to_numpy()))
        if own_days is not None:
            own_days[rows] = table["days_since_last"].fill_null(0).to_numpy()
        fit_data.add(table)
    population = Population(values=values, n_purchase_days=n, days=days, days_since_last=own_days)
    return population, fit_data.collected()


def _added(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """Two histograms as one."""
    longer, shorter = (a, b) if a.size >= b.size else (b, a)
    total = longer.copy()
    total[: shorter.size] += shorter
    return total
