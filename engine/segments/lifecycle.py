"""Stage: customer summary -> stage of the life cycle, by the customer's own rhythm of purchase days."""

import math

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.schemes import Lifecycle, decimal
from whalecurve.engine.segments.labels import labelled

OWN_GAPS = 3
"""Gaps between purchase days from which on a customer has a rhythm of their own."""

GAP_DAYS_UNKNOWN = 90.0
"""The gap of a population in which nobody came back: the days within which a second purchase is looked for."""


def median_gap(gaps: NDArray[np.int64]) -> float | None:
    """Median gap between consecutive purchase days, in days: the mean of the two middle ones for an even number.

    Parameters
    ----------
    gaps : int64[m]
        gaps[d] is how many gaps of d days all customers have together.

    Returns
    -------
    A whole or a half number of days; None where there are no gaps
    """
    n = int(gaps.sum())
    if n == 0:
        return None
    lower, upper = np.searchsorted(gaps.cumsum(), [(n - 1) // 2, n // 2], side="right")
    return (int(lower) + int(upper)) / 2


def with_lifecycle_stage(customers: pl.LazyFrame, lifecycle: Lifecycle, gap: float | None) -> pl.LazyFrame:
    """Add lifecycle_stage (Enum): new, active, dormant or churned; null without a purchase day.

    With g the customer's mean gap between purchase days where there are three gaps or more, and else the
    population's median `gap`: new with one purchase day and days_since_last <= g, active up to g, dormant up to 3 g
    (`dormant_until`), churned beyond. g is never below one day, and 90 days where the gap is None: nobody came back,
    so that nobody knows. Days are whole days, whatever unit or period the models count in, and nothing is rounded.

    Needs first_purchase, last_purchase, n_purchase_days and days_since_last.
    """
    usual = max(GAP_DAYS_UNKNOWN if gap is None else gap, 1.0)
    until = decimal(lifecycle.dormant_until)
    days, n_gaps = pl.col("days_since_last").cast(pl.Int64), pl.col("n_purchase_days").cast(pl.Int64) - 1
    span = pl.col("last_purchase").cast(pl.Int64) - pl.col("first_purchase").cast(pl.Int64)
    has_rhythm = n_gaps >= OWN_GAPS  # with at most one gap a day, its mean is a day or more
    silence, span_until = days * n_gaps, span * until.numerator
    is_late = pl.when(has_rhythm).then(silence > span).otherwise(days > math.floor(usual))
    is_gone = (
        pl.when(has_rhythm)
        .then(silence * until.denominator > span_until)
        .otherwise(days > math.floor(until * decimal(usual)))
    )
    is_new = (n_gaps == 0) & ~is_late
    place = 1 + is_late.cast(pl.Int8) + is_gone.cast(pl.Int8) - is_new.cast(pl.Int8)
    return customers.with_columns(lifecycle_stage=labelled([stage.name for stage in lifecycle.labels], place))
