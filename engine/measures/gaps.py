"""The time between purchases: gaps as they were, and as they would be had everybody been followed to the next one."""

import numpy as np
import polars as pl

from whalecurve.engine.measures.sums import MeasureSums
from whalecurve.engine.statistics import kaplan_meier
from whalecurve.kernels.arrays import Int64


def quantile(counts: Int64, share: float) -> float | None:
    """Quantile of whole days, each as often as it is counted, interpolated between neighbours; None without any."""
    n = int(counts.sum())
    if n == 0:
        return None
    at = (n - 1) * share
    low = int(at)
    until = counts.cumsum()
    below, above = (int(np.searchsorted(until, min(rank, n - 1), side="right")) for rank in (low, low + 1))
    return below + (at - low) * (above - below)


def gap_counts(sums: MeasureSums, row: int) -> tuple[Int64, Int64]:
    """Gaps between purchase days, and days from the last purchase to as-of, counted by their length."""
    gaps, censored = sums.tables.gaps[:, row].copy(), sums.tables.censored[:, row].copy()
    gaps[0] = 0  # first purchases
    return gaps, censored


def gap_table(sums: MeasureSums) -> pl.DataFrame:
    """One row per scheme, group and duration that occurs.

    Returns
    -------
    DataFrame
        scheme, group
        days : from one purchase day to the next one
        gaps : how many gaps were that long
        censored : customers whose last purchase was that long before as-of
        at_risk : gaps of that length or more, those that are not over included
        not_back : share of customers who have not bought again so many days after a purchase (Kaplan-Meier)
    """
    tables = []
    for row, (scheme, group) in enumerate(sums.settings.rows):
        curve = kaplan_meier(*gap_counts(sums, row))
        columns = {
            "days": curve.days,
            "gaps": curve.n_events,
            "censored": curve.n_censored,
            "at_risk": curve.n_at_risk,
            "not_back": curve.survival,
        }
        names = (pl.lit(scheme, pl.String).alias("scheme"), pl.lit(group, pl.String).alias("group"))
        tables.append(pl.DataFrame(columns).select(*names, pl.all()))
    return pl.concat(tables)
