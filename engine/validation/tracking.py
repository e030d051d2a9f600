"""Weeks around the split, and the purchases that a model expects in each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whalecurve.engine.models import Fit, purchase_model
from whalecurve.engine.orders import day_number, period_ends
from whalecurve.engine.seasons import Season, expected_by_day
from whalecurve.engine.validation.split import Past, Split
from whalecurve.kernels.arrays import Int64, Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Weeks:
    """Weeks of seven days counted from the split, both ways; the first and the last one may be cut short.

    Where time is counted in periods, they are the periods, and a day is one too.

    first_days, last_days : int64[weeks], counted from the first day of the past, both included
    n_past : weeks before the split
    """

    first_days: Int64
    last_days: Int64
    n_past: int

    @property
    def is_holdout(self) -> NDArray[np.bool_]:
        """Whether a week is after the split."""
        return np.arange(self.last_days.size) >= self.n_past

    def totals(self, by_day: Vector) -> Vector:
        """Sums of each week over daily counts that start with the first day of the past."""
        return np.add.reduceat(by_day, self.first_days)


def weeks_of(split: Split) -> Weeks:
    """The weeks of a split; the periods, each for itself, where time is counted in them."""
    n_days = split.n_past
    if split.window.period is not None:
        every = np.arange(n_days + split.n_ahead)
        return Weeks(first_days=every, last_days=every, n_past=n_days)
    n_past, n_after = -(-n_days // 7), -(-split.holdout_days // 7)
    ends = n_days - 1 + 7 * np.arange(1 - n_past, n_after + 1)
    last_days = np.minimum(ends, n_days - 1 + split.holdout_days)
    return Weeks(first_days=np.append(0, last_days[:-1] + 1), last_days=last_days, n_past=n_past)


def expected_by_week(past: Past, fit: Fit, weeks: Weeks, season: Season | None = None) -> Vector:
    """Repeat purchases that a model expects of the customers of the past in each week.

    The sum over customers of E[X(t)], t from the customer's first purchase to the end of the week: what a new
    customer does, whatever became of this one. Customers count by day of first purchase. With a season, in whose
    operational time the fit is, t is too: expectations follow the season.
    """
    if season is not None:
        return weeks.totals(_expected_in_clock(past, fit, weeks, season))
    n_days = int(weeks.last_days[-1]) + 1
    ages = np.arange(n_days, dtype=np.float64) / past.split.steps_per_unit
    by_age = purchase_model(fit.model).expected_purchases(ages, *fit.values)
    joined = past.joined_by_day
    until = [
        float((joined[: end + 1] * by_age[max(end + 1 - joined.size, 0) : end + 1][::-1]).sum())
        for end in weeks.last_days
    ]
    return np.diff(until, prepend=0.0)


def _expected_in_clock(past: Past, fit: Fit, weeks: Weeks, season: Season) -> Vector:
    """The same by day, in the clock of a season."""
    first = day_number(past.split.first_day)
    n_days = int(weeks.last_days[-1]) + 1
    joined = np.append(past.joined_by_day, np.zeros(n_days - past.joined_by_day.size))
    return expected_by_day(fit, joined, season, first, first + n_days - 1, past.split.window.days_per_unit)


def last_period_by_week(past: Past, weeks: Weeks) -> Vector:
    """The repeat purchases of the last period, put into the weeks of the holdout; NaN in the weeks of the past."""
    n_days, ahead = past.repeats_by_day.size, past.split.n_ahead
    again = np.zeros(n_days + ahead)
    kept = min(n_days, ahead)
    again[n_days + ahead - kept :] = past.repeats_by_day[n_days - kept :]
    return np.where(weeks.is_holdout, weeks.totals(again), np.nan)


def last_season_by_week(total: float, past: Past, weeks: Weeks) -> Vector:
    """A total of the holdout, spread as the repeat purchases of the season before; NaN in the weeks of the past.

    Evenly where there were none.
    """
    n_days, ahead, year = past.repeats_by_day.size, past.split.n_ahead, past.split.year
    season = past.repeats_by_day[n_days - year : n_days - year + ahead]
    if not season.sum() > 0.0:
        return evenly_by_week(total, past, weeks)
    again = np.append(np.zeros(n_days), season * (total / season.sum()))
    return np.where(weeks.is_holdout, weeks.totals(again), np.nan)


def evenly_by_week(total: float, past: Past, weeks: Weeks) -> Vector:
    """A total of the holdout, spread evenly over its days; NaN in the weeks of the past."""
    n_days = weeks.last_days - weeks.first_days + 1
    return np.where(weeks.is_holdout, total / past.split.n_ahead * n_days, np.nan)


def week_numbers(split: Split, weeks: Weeks) -> Int64:
    """Last days of the weeks, or periods, in days since 1970."""
    if split.window.period is not None:
        return period_ends(weeks.last_days + split.step_of(split.first_day), split.window.period)
    return weeks.last_days + day_number(split.first_day)
