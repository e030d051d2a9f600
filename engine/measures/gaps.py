"""The time between purchases: gaps as they were, and as they would be had everybody been followed to the next one."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.measures.sums import Sums

Int64 = NDArray[np.int64]
Vector = NDArray[np.float64]

ROUNDINGS = 1e-12
"""Slack of "down to this share": survival is a product of fractions, each of them rounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """Kaplan & Meier (1958), Journal of the American Statistical Association 53, on whole days.

    days : int64[m], durations that occur, ascending
    n_events, n_censored, n_at_risk : int64[m]; those censored on a day are still at risk on it
    survival : float64[m], the share still without an event after that day
    """

    days: Int64
    n_events: Int64
    n_censored: Int64
    n_at_risk: Int64
    survival: Vector

    def quantile(self, share: float) -> int | None:
        """The first day by whose end at least this share had the event; None where it never comes to that."""
        reached = np.flatnonzero(self.survival <= (1.0 - share) * (1.0 + ROUNDINGS))
        return int(self.days[reached[0]]) if reached.size else None


def survival(n_events: Int64, n_censored: Int64) -> Survival:
    """The product-limit estimate from counts of events and censored durations of 0, 1, 2 ... days."""
    days = np.flatnonzero(n_events + n_censored)
    events, censored = n_events[days], n_censored[days]
    left = events + censored
    at_risk = left[::-1].cumsum()[::-1]
    return Survival(
        days=days,
        n_events=events,
        n_censored=censored,
        n_at_risk=at_risk,
        survival=np.cumprod(1.0 - events / at_risk, dtype=np.float64),
    )


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


def gaps_of(sums: Sums, row: int) -> tuple[Int64, Int64]:
    """Gaps between purchase days, and days from the last purchase to as-of, counted by their length."""
    gaps, censored = sums.tables.gaps[:, row].copy(), sums.tables.censored[:, row].copy()
    gaps[0] = 0  # first purchases
    return gaps, censored


def gap_table(sums: Sums) -> pl.DataFrame:
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
        found = survival(*gaps_of(sums, row))
        columns = {
            "days": found.days,
            "gaps": found.n_events,
            "censored": found.n_censored,
            "at_risk": found.n_at_risk,
            "not_back": found.survival,
        }
        names = (pl.lit(scheme, pl.String).alias("scheme"), pl.lit(group, pl.String).alias("group"))
        tables.append(pl.DataFrame(columns).select(*names, pl.all()))
    return pl.concat(tables)
