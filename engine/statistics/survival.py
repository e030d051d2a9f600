"""Kaplan-Meier: how long until an event, where some were not waited for."""

from dataclasses import dataclass

import numpy as np

from whalecurve.kernels.arrays import Int64, Vector

ROUNDINGS = 1e-12
"""Slack of "down to this share": survival is a product of fractions, each of them rounded."""

LEAST_AT_RISK = 30
"""Durations that must still be under observation for what the curve says of those that have the event: beyond, a
single one moves its end by more than a thirtieth."""


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
        return self._first_day_at(1.0 - share)

    def quantile_of_events(self, share: float) -> int | None:
        """The first day by whose end at least this share of those who have the event had it; None without an event.

        With F the share who had the event by a day, that is the first day t with F(t) >= share * F(end). The curve
        ends where `LEAST_AT_RISK` durations are last under observation, or with the last duration where there are
        never so many: those whose event comes later than anybody was waited for are not known.
        """
        end = self._last_reliable()
        if end < 0 or self.survival[end] >= 1.0:
            return None
        return self._first_day_at(1.0 - share * (1.0 - float(self.survival[end])))

    @property
    def share_of_events(self) -> float | None:
        """The share who have the event as far as the curve reaches, as `quantile_of_events` has it; None of nobody."""
        end = self._last_reliable()
        return None if end < 0 else float(1.0 - self.survival[end])

    def _last_reliable(self) -> int:
        """The place of the last day with `LEAST_AT_RISK` durations at risk; the last one without such a day."""
        observed = np.flatnonzero(self.n_at_risk >= LEAST_AT_RISK)
        return int(observed[-1]) if observed.size else self.days.size - 1

    def _first_day_at(self, left: float) -> int | None:
        """The first day after which no more than a share is without an event."""
        reached = np.flatnonzero(self.survival <= left * (1.0 + ROUNDINGS))
        return int(self.days[reached[0]]) if reached.size else None

    def share_within(self, days: int) -> float | None:
        """The share who had the event within so many days; None where nobody was waited for that long."""
        if not self.days.size or days > self.days[-1]:
            return None
        at = int(np.searchsorted(self.days, days, side="right"))
        return float(1.0 - self.survival[at - 1]) if at else 0.0


def kaplan_meier(n_events: Int64, n_censored: Int64) -> Survival:
    """The product-limit estimate from counts of events and of censored durations of 0, 1, 2 ... days; of any length."""
    counts = np.zeros((2, max(n_events.size, n_censored.size)), dtype=np.int64)
    counts[0, : n_events.size], counts[1, : n_censored.size] = n_events, n_censored
    days = np.flatnonzero(counts.any(axis=0))
    events, censored = counts[:, days]
    left = events + censored
    at_risk = left[::-1].cumsum()[::-1]
    return Survival(
        days=days,
        n_events=events,
        n_censored=censored,
        n_at_risk=at_risk,
        survival=np.cumprod(1.0 - events / at_risk, dtype=np.float64),
    )
