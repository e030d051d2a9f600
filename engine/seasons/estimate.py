"""A season estimated: purchases over those that a model expects of the customers who are there, the two in turns."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from whalecurve.engine.errors import NotIdentifiedError
from whalecurve.engine.models import Fit, fit_counts, purchase_model
from whalecurve.engine.orders import day_at
from whalecurve.engine.seasons.purchase_days import PurchaseDays, operational
from whalecurve.engine.seasons.season import Season
from whalecurve.engine.seasons.smooth import Smooth, smoothed
from whalecurve.engine.seasons.year import PARTS, parts_of
from whalecurve.engine.statistics import chi_square_above
from whalecurve.kernels.arrays import Vector

LEAST_DAYS = 455
"""Days of a log that tells a season, a year and a quarter of 13 weeks: from a year alone a trend looks like one."""

LEAST_REPEATS = 500
"""Repeat purchases of a log that tells a season, some ten for each week of the year."""

ROUNDS, ENOUGH = 50, 1e-4
"""Of fit and season in turns; the last is one that changes no factor by a larger share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A season, how it came about, and the model in its clock.

    fit : in operational days; last_day : the last one it rests on; rounds : of fit and season in turns
    variance, dispersion, trend, gain, weeks : see `Smooth`
    once : weeks of the year that were seen in one year alone, or in none
    """

    season: Season
    fit: Fit
    last_day: int
    rounds: int
    converged: bool
    variance: float
    dispersion: float
    trend: float
    gain: float
    weeks: int
    once: int

    @property
    def p_value(self) -> float:
        """Of the gain, if there is no season: half of it is then zero (Self & Liang 1987, JASA 82, 605-610)."""
        return 1.0 if self.gain <= 0.0 else 0.5 * float(chi_square_above(1, self.gain))

    def to_dict(self) -> dict[str, Any]:
        """How it came about, ready for JSON, without the season and the fit."""
        names = ("rounds", "converged", "variance", "dispersion", "trend", "gain", "weeks", "once")
        told = {name: getattr(self, name) for name in names}
        return {"last_day": day_at(self.last_day).isoformat(), **told, "p_value": self.p_value}


def why_no_estimate(days: PurchaseDays) -> str | None:
    """Why a log tells no season; None where it may."""
    n_days = days.last_day - days.first_day + 1
    if n_days < LEAST_DAYS:
        return f"{n_days:,} days are observed, and a season needs {LEAST_DAYS}: more than a year"
    if days.n_repeats < LEAST_REPEATS:
        return f"there are {days.n_repeats:,} repeat purchases, and a season needs {LEAST_REPEATS}"
    return None


def estimate_season(days: PurchaseDays, model: str, l2: float = 0.0) -> Estimate:
    """Estimate a season from the purchase days of customers.

    The model is fitted in the clock of the season, and the season to the repeat purchases of each week over those that
    the model expects without one, of all customers who had come by then: its mean purchases by age, in that clock.

    Parameters
    ----------
    model
        Name of a model of continuous time, whose fit has the penalty `l2`.

    Raises
    ------
    NotIdentifiedError
        The log is too short, has too few repeat purchases or too few weeks with some, or does not identify the model.
    """
    why = why_no_estimate(days)
    if why is not None:
        raise NotIdentifiedError(why)
    all_days = np.arange(days.first_day, days.last_day + 1)
    parts, joined, repeats = parts_of(all_days), days.joined, days.repeats
    logs, rounds, is_over = np.zeros(PARTS), 0, False
    found: Smooth | None = None
    while rounds < ROUNDS and not is_over:
        season = None if found is None else Season(weeks=tuple(np.exp(logs).tolist()))
        fit = _fit(days, season, model, l2)
        expected = expected_by_day(fit, joined, season, days.first_day, days.last_day)
        found = smoothed(repeats, expected / np.exp(logs)[parts], parts)
        is_over = float(np.abs(found.log_factors - logs).max()) <= ENOUGH
        logs, rounds = found.log_factors, rounds + 1
    assert found is not None, "there is a round"
    season = Season(weeks=tuple(np.exp(logs).tolist()), standard_errors=tuple(found.standard_errors.tolist()))
    return Estimate(
        season=season,
        fit=_fit(days, season, model, l2),
        last_day=days.last_day,
        rounds=rounds,
        converged=is_over,
        variance=found.variance,
        dispersion=found.dispersion,
        trend=found.trend,
        gain=found.gain,
        weeks=found.weeks,
        once=int(np.count_nonzero(found.seen < 2)),
    )


def _fit(days: PurchaseDays, season: Season | None, model: str, l2: float) -> Fit:
    return fit_counts(purchase_model(model), days.histories(season), unit="operational day", l2=l2)


def expected_by_day(
    fit: Fit, joined: Vector, season: Season | None, first_day: int, last_day: int, days_per_unit: float = 1.0
) -> Vector:
    """Repeat purchases that a model expects on each day of customers by the day of their first one.

    The sum over customers of E[X(age)], ages in operational days, from one day's end to the next's. E[X] is worked out
    at 4,097 ages and interpolated.

    Parameters
    ----------
    fit
        In operational time of the season, in units of so many days.
    joined : float64[days]
        Customers by the day of their first purchase, from `first_day` to `last_day`.
    """
    tau = operational(season, first_day, last_day)
    ages = np.linspace(0.0, float(tau[-1] - tau[1]) if tau.size > 1 else 0.0, 4097) ** 2.0
    ages *= float(tau[-1] - tau[1]) / max(float(ages[-1]), math.ulp(0.0))
    means = purchase_model(fit.model).expected_purchases(ages / days_per_unit, *fit.values)
    expected = np.zeros(joined.size)
    for day in np.flatnonzero(joined).tolist():
        after = np.interp(tau[day + 1 :] - tau[day + 1], ages, means)
        expected[day + 1 :] += joined[day] * np.diff(after)
    return expected
