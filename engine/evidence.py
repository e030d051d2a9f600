"""What the models are fitted to, as it comes together."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.config import Window
from whalecurve.engine.history import Histories, collapsed, fits_a_word, words_of
from whalecurve.engine.history_counts import HistoryCounts

Vector = NDArray[np.float64]

COLUMNS = ("frequency", "recency", "T", "monetary_value")


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

    @property
    def means(self) -> dict[str, float | None]:
        """Mean T, in the unit of the models, and mean monetary value of those who have one; None without any."""
        T, n = self.histories.T, self.histories.n
        return {
            "T": float((T * self.histories.counts).sum()) / n if n else None,
            "monetary_value": float(self.m.mean()) if self.m.size else None,
        }


def evidence_of(summary: pl.DataFrame, window: Window) -> Evidence:
    """Collect it from a summary in memory, sorted by customer."""
    gathered = GatheredEvidence(summary.height, window)
    gathered.add(summary)
    return gathered.collected()


class GatheredEvidence:
    """Evidence of so many customers at most, from tables that have `COLUMNS`, sorted by customer."""

    def __init__(self, n_customers: int, window: Window) -> None:
        """None has come yet."""
        self._per_unit = 1.0 if window.period is not None else window.days_per_unit
        self._histories = HistoryCounts()
        self._x, self._m = np.empty(n_customers, dtype=np.uint32), np.empty(n_customers)
        self._n_seen = self._n_left_out = 0

    def add(self, table: pl.DataFrame) -> None:
        """Take the next customers."""
        known = table.filter(pl.col("frequency").is_not_null())
        repeat = known.filter(pl.col("frequency") > 0)
        seen = repeat.filter(pl.col("monetary_value") > 0)
        self._n_left_out += repeat.height - seen.height
        start, self._n_seen = self._n_seen, self._n_seen + seen.height
        self._x[start : self._n_seen] = seen["frequency"].to_numpy()
        self._m[start : self._n_seen] = seen["monetary_value"].to_numpy()
        self._histories.add(_words(known, self._per_unit))

    def collected(self) -> Evidence:
        """All of it."""
        return Evidence(
            histories=self._histories.counted().scaled(self._per_unit),
            x=self._x[: self._n_seen],
            m=self._m[: self._n_seen],
            n_left_out=self._n_left_out,
        )


def _words(known: pl.DataFrame, per_unit: float) -> Histories | NDArray[np.uint64]:
    """Histories in whole days or periods as words; counted ones where a word is too short for them."""
    x, t_x, T = (known[name].cast(pl.Float64).to_numpy() for name in ("frequency", "recency", "T"))
    steps = np.rint(t_x * per_unit), np.rint(T * per_unit)
    return words_of(x, *steps) if known.is_empty() or fits_a_word(x, *steps) else collapsed(x, *steps)
