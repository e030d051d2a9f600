"""A customer's rhythm: how long until the next purchase, by their own gaps and those of everybody.

The rule needs of a customer no more than how many gaps between purchase days there are and what they add up to, which
the totals hold, and of everybody one curve.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Self

import numpy as np
import polars as pl

from whalecurve.engine.schemes import decimal
from whalecurve.engine.statistics import Survival
from whalecurve.kernels.arrays import Vector

OWN_GAPS = 3
"""Gaps between purchase days from which on a customer's own count as much as everybody's. On seven logs, 1 to 6 hardly
differ in how well they tell who comes back; 3 is in the middle."""

PERCENTS = range(1, 100)

DAYS_UNKNOWN = 90
"""The 80 % point of a population in which nobody came back, so that nobody knows: the days within which a second
purchase is looked for. Its other points are never reached."""

MOST_SPANS = 1000
"""Multiples of the span from first to last purchase within which a point is looked for, beside everybody's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    r"""How long until the next purchase, of those that are followed by one.

    With k gaps that add up to s days, the share of a customer's gaps that are longer than t days is

    .. math:: S(t) = Z \left(\frac{s}{s + t}\right)^k + (1 - Z) S_{all}(t), \qquad Z = \frac{k}{k + 3}

    The first term is what the customer's own gaps foretell: gaps that are exponential at an unknown rate, of which k
    are seen, leave the next one beyond t with the probability (s / (s + t))^k (the posterior of the rate under
    Jeffreys' prior is Gamma(k, s); Bernardo & Smith 1994, "Bayesian Theory", 5.2). The second is everybody's: the
    product-limit estimate (Kaplan & Meier 1958, JASA 53) over all gaps, open ones included, of the purchases that are
    followed by another. Z is the credibility of k gaps (Buehlmann 1967). A customer with one purchase day has
    everybody's rhythm.

    days : the days by which 1 %, 2 %, ..., 99 % of everybody's followed purchases have been followed, each 1 or more;
        None where none was
    """

    days: tuple[int, ...] | None

    @classmethod
    def of(cls, gaps: Survival) -> Self:
        """The rhythm of a population from the curve of all its gaps."""
        days = [gaps.quantile_of_events(percent / 100.0) for percent in PERCENTS]
        marks = tuple(max(day, 1) for day in days if day is not None)
        return cls(days=marks if len(marks) == len(PERCENTS) else None)

    def is_past(self, share: float) -> pl.Expr:
        """Whether a customer has been silent for longer than the point by which this share of gaps is over.

        Up to the point is up to the end of its day. Null without a purchase day. Needs first_purchase, last_purchase,
        n_purchase_days and days_since_last; `share` is read as the decimal that it prints as.
        """
        silence = pl.col("days_since_last").cast(pl.Int64)
        return (silence > 0) & (self._not_back(silence - 1) <= _left(share))

    def point(self, customers: pl.DataFrame, share: float) -> pl.Series:
        """The day after a purchase by whose end this share of each customer's gaps is over.

        Whole days (Int64); null without a purchase day, and where it is never reached. Needs what `is_past` does.
        """
        left = _left(share)
        span = pl.col("last_purchase").cast(pl.Int64) - pl.col("first_purchase").cast(pl.Int64)
        ends = customers.with_columns(low=pl.lit(0, pl.Int64), high=span * MOST_SPANS + self._curve.size)
        middle = (pl.col("low") + pl.col("high")) // 2
        while ends.select((pl.col("low") < pl.col("high")).any()).item():
            is_over = self._not_back(middle) <= left
            ends = ends.with_columns(
                low=pl.when(is_over).then("low").otherwise(pl.min_horizontal(middle + 1, "high")),
                high=pl.when(is_over).then(middle).otherwise("high"),
            )
        reached = self._not_back(pl.col("high")) <= left
        return ends.select(pl.when(reached).then("high")).to_series().alias("days")

    def _not_back(self, days: pl.Expr) -> pl.Expr:
        """The share of each customer's gaps that are longer than so many days, 0 or more."""
        k = pl.col("n_purchase_days").cast(pl.Float64) - 1.0
        span = (pl.col("last_purchase").cast(pl.Int64) - pl.col("first_purchase").cast(pl.Int64)).clip(lower_bound=1)
        own = (span / (span + days)).pow(k)
        curve = self._curve
        everybody = pl.lit(pl.Series(curve)).gather(days.clip(0, curve.size - 1))
        weight = k / (k + OWN_GAPS)
        return weight * own + (1.0 - weight) * everybody

    @property
    def _curve(self) -> Vector:
        """The share of everybody's gaps that are longer than 0, 1, 2 ... days; the last one holds for all beyond."""
        days = (DAYS_UNKNOWN,) * 80 if self.days is None else self.days
        over = np.searchsorted(np.array(days), np.arange(days[-1] + 1), side="right")
        return np.asarray((100 - over) / 100.0, dtype=np.float64)


def _left(share: float) -> float:
    """One less a share, without the error of the difference of two floats."""
    return float(Fraction(1) - decimal(share))
