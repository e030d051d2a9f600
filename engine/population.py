"""What some stages have to know of all customers at once, and no more of it than that."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.config import Window
from whalecurve.engine.history import Histories, collapsed, counted, fits_a_word, words_of
from whalecurve.engine.rfm import Method, thresholds_of
from whalecurve.engine.rfm_nested import AnyThresholds, NestedThresholds, nested_thresholds

Vector = NDArray[np.float64]

COLUMNS = ("n_purchase_days", "frequency", "recency", "T", "days_since_last", "value", "monetary_value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the models are fitted to.

    histories : of the customers with a purchase
    x, m : frequency and mean value of the repeat customers whom a spend model can see, those with m > 0
    n_left_out : repeat customers whom it cannot see
    """

    histories: Histories
    x: NDArray[np.uint32]
    m: Vector
    n_left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Of n customers, in the order of their ids.

    values : float64[n]; n_purchase_days : uint32[n]
    days : how many customers there are for each number of days since the last purchase
    days_since_last : int32[n], 0 where there is no purchase; kept for nested scores alone
    """

    values: Vector
    n_purchase_days: NDArray[np.uint32]
    evidence: Evidence
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

    @property
    def _purchases(self) -> NDArray[np.int64]:
        """How many customers there are for each number of purchase days, none for 0."""
        counts = np.bincount(self.n_purchase_days, minlength=1)
        counts[0] = 0
        return counts


def population_of(tables: Iterable[pl.DataFrame], window: Window, method: Method = "quantile") -> Population:
    """Collect it from a customer summary in tables that have `COLUMNS`, sorted by customer, for scores by a method."""
    evidence = _Evidence(window)
    values, n, days = [np.empty(0)], [np.empty(0, dtype=np.uint32)], np.zeros(0, dtype=np.int64)
    own_days = [np.empty(0, dtype=np.int32)] if method == "nested" else None
    for table in tables:
        values.append(table["value"].to_numpy())
        n.append(table["n_purchase_days"].to_numpy())
        days = _added(days, np.bincount(table["days_since_last"].drop_nulls().to_numpy()))
        if own_days is not None:
            own_days.append(table["days_since_last"].fill_null(0).to_numpy())
        evidence.add(table)
    return Population(
        values=np.concatenate(values),
        n_purchase_days=np.concatenate(n),
        evidence=evidence.collected(),
        days=days,
        days_since_last=np.concatenate(own_days) if own_days is not None else None,
    )


def evidence_of(summary: pl.DataFrame, window: Window) -> Evidence:
    """Collect it from a summary in memory, sorted by customer."""
    evidence = _Evidence(window)
    evidence.add(summary)
    return evidence.collected()


class _Evidence:
    """Evidence as it comes together."""

    def __init__(self, window: Window) -> None:
        self._per_unit = 1.0 if window.period is not None else window.days_per_unit
        self._words: list[Histories | NDArray[np.uint64]] = []
        self._x, self._m = [np.empty(0, dtype=np.uint32)], [np.empty(0)]
        self._n_left_out = 0

    def add(self, table: pl.DataFrame) -> None:
        known = table.filter(pl.col("frequency").is_not_null())
        repeat = known.filter(pl.col("frequency") > 0)
        seen = repeat.filter(pl.col("monetary_value") > 0)
        self._n_left_out += repeat.height - seen.height
        self._x.append(seen["frequency"].to_numpy())
        self._m.append(seen["monetary_value"].to_numpy())
        self._words.append(_words(known, self._per_unit))

    def collected(self) -> Evidence:
        return Evidence(
            histories=_histories(self._words, self._per_unit),
            x=np.concatenate(self._x),
            m=np.concatenate(self._m),
            n_left_out=self._n_left_out,
        )


def _words(known: pl.DataFrame, per_unit: float) -> Histories | NDArray[np.uint64]:
    """Histories in whole days or periods as words; counted ones where a word is too short for them."""
    x, t_x, T = (known[name].cast(pl.Float64).to_numpy() for name in ("frequency", "recency", "T"))
    steps = np.rint(t_x * per_unit), np.rint(T * per_unit)
    return words_of(x, *steps) if known.is_empty() or fits_a_word(x, *steps) else collapsed(x, *steps)


def _histories(parts: list[Histories | NDArray[np.uint64]], per_unit: float) -> Histories:
    words = np.concatenate([np.empty(0, dtype=np.uint64), *(part for part in parts if isinstance(part, np.ndarray))])
    long = [part for part in parts if isinstance(part, Histories)]
    if not long:
        return counted(words).scaled(per_unit)
    every = [counted(words), *long]
    columns = (np.concatenate([getattr(part, name) for part in every]) for name in ("x", "t_x", "T", "counts"))
    return collapsed(*columns).scaled(per_unit)


def _added(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """Two histograms as one."""
    longer, shorter = (a, b) if a.size >= b.size else (b, a)
    total = longer.copy()
    total[: shorter.size] += shorter
    return total
