"""A customer's rhythm: how long until the next purchase, by their own gaps and those of everybody.

The rule needs of a customer no more than how many gaps between purchase days there are and what they add up to, which
the totals hold, and of everybody one curve.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Self

import numpy as np
import polars as pl

from whalecurve.engine.runtime import frozen
from whalecurve.engine.schemes import decimal
from whalecurve.engine.statistics import Survival
from whalecurve.kernels.arrays import Vector
from whalecurve.kernels.rhythm import NEVER, next_days, points

OWN_GAPS = 3
"""Gaps between purchase days from which on a customer's own count as much as everybody's. On seven logs, 1 to 6 hardly
differ in how well they tell who comes back; 3 is in the middle."""

OVERDUE_BEYOND = 0.9
"""Share of a customer's gaps that are over when the next purchase is overdue."""

PERCENTS = range(1, 100)

DAYS_UNKNOWN = 90
"""The 80 % point of a population in which nobody came back, so that nobody knows: the days within which a second
purchase is looked for. Points beyond are never reached."""

NOT_BACK = "__not_back"
"""The column of `Rhythm.not_back`."""

SPAN = pl.col("last_purchase").cast(pl.Int64) - pl.col("first_purchase").cast(pl.Int64)
"""Days from the first purchase day to the last."""

MOST_SPANS = 1000
"""Multiples of the span from first to last purchase within which a point is looked for, beside everybody's."""

MOST_DAYS = 3652
"""Days from today within which a next purchase is looked for: ten years."""

NEXT_DAYS = ("half", "quarter", "three_quarters")
"""The columns of `Rhythm.next_days`."""


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

    def days_of_all(self, share: float) -> int:
        """The day after a purchase by whose end this share of everybody's gaps is over, of one to 99 hundredths."""
        days = (DAYS_UNKNOWN,) * len(PERCENTS) if self.days is None else self.days
        return days[round(share * 100.0) - 1]

    def not_back(self) -> pl.Expr:
        """The share of a customer's gaps that are longer than the silence since the last purchase was a day ago.

        1 on the day of a purchase, null without one. It is what `is_past` compares, `NOT_BACK` by name: worked out
        once, as it takes most of the time. Needs first_purchase, last_purchase, n_purchase_days and days_since_last.
        """
        silence = pl.col("days_since_last").cast(pl.Int64)
        return pl.when(silence > 0).then(self._share(SPAN, silence - 1)).when(silence == 0).then(1.0).alias(NOT_BACK)

    def point(self, customers: pl.DataFrame, share: float) -> pl.Series:
        """The day after a purchase by whose end this share of each customer's gaps is over.

        Whole days (Int64); null without a purchase day, and where it is never reached. Needs first_purchase,
        last_purchase and n_purchase_days.
        """
        gaps, span = _gaps_and_span(customers)
        days = points(gaps, span, _left(share), MOST_SPANS, frozen(self._curve), float(OWN_GAPS))
        return _known(pl.Series("days", days))

    def next_days(self, customers: pl.DataFrame) -> pl.DataFrame:
        """The days after the last purchase by whose end shares of the gaps as long as the silence so far are over.

        Of customers who come back, later than today: `half` is the median time to their next purchase, `quarter` and
        `three_quarters` the interval about it that every second of them comes back in, for those with more than
        `OWN_GAPS` gaps. Whole days (Int32); null without a purchase day, and where the half is not reached within
        `MOST_DAYS` from today. Needs what `point` does, and days_since_last.
        """
        silence = frozen(customers["days_since_last"].fill_null(0).cast(pl.Int64).to_numpy())
        days = next_days(*_gaps_and_span(customers), silence, MOST_DAYS, frozen(self._curve), float(OWN_GAPS))
        return pl.DataFrame({name: _known(pl.Series(row)) for name, row in zip(NEXT_DAYS, days, strict=True)})

    def _share(self, span: pl.Expr, days: pl.Expr) -> pl.Expr:
        """The share of each customer's gaps that are longer than so many days, 0 or more, by `SPAN`."""
        k, span = pl.col("n_purchase_days").cast(pl.Float64) - 1.0, span.clip(lower_bound=1).cast(pl.Float64)
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


def is_past(share: float) -> pl.Expr:
    """Whether a customer has been silent for longer than the point by which this share of their gaps is over.

    Up to the point is up to the end of its day. Null without a purchase day. Needs `Rhythm.not_back`; `share` is read
    as the decimal that it prints as.
    """
    return pl.col(NOT_BACK) <= _left(share)


def _left(share: float) -> float:
    """One less a share, without the error of the difference of two floats."""
    return float(Fraction(1) - decimal(share))


def _gaps_and_span(customers: pl.DataFrame) -> tuple[Vector, Vector]:
    """Gaps between purchase days, -1 without a purchase, and the days that they add up to, as kernels take them."""
    columns = customers.select(
        gaps=pl.col("n_purchase_days").cast(pl.Float64).fill_null(0.0) - 1.0, span=SPAN.fill_null(0).cast(pl.Float64)
    )
    return frozen(columns["gaps"].to_numpy()), frozen(columns["span"].to_numpy())


def _known(days: pl.Series) -> pl.Series:
    """The days, null for `NEVER`."""
    return pl.select(pl.when(days != NEVER).then(days)).to_series()
