"""Kaplan-Meier: how long until an event, where some were not waited for."""

from dataclasses import dataclass

import numpy as np

from whalecurve.kernels.arrays import Int64, Vector

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

    def share_within(self, days: int) -> float | None:
        """The share who had the event within so many days; None where nobody was waited for that long."""
        if not self.days.size or days > self.days[-1]:
            return None
        at = int(np.searchsorted(self.days, days, side="right"))
        return float(1.0 - self.survival[at - 1]) if at else 0.0


def kaplan_meier(n_events: Int64, n_censored: Int64) -> Survival:
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
