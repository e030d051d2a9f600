"""A season on trial: pasts cut at rolling origins, each predicted ahead with its season and without."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from whalecurve.engine.errors import NotIdentifiedError
from whalecurve.engine.models import Fit, fit_counts, purchase_model
from whalecurve.engine.orders import day_at
from whalecurve.engine.rolling import origins_of
from whalecurve.engine.seasons.estimate import LEAST_DAYS, LEAST_REPEATS, estimate_season
from whalecurve.engine.seasons.purchase_days import PurchaseDays, operational
from whalecurve.engine.seasons.season import Season
from whalecurve.engine.statistics import Margin, margin_of
from whalecurve.kernels.arrays import Vector

HOLDOUT_DAYS, MOST_ORIGINS, LEAST_ORIGINS = 91, 4, 2
"""Days predicted from each origin, 13 weeks: four of them are a year. At least two, as one may be good by luck."""

LEAST_GAIN = 0.01
"""By which the mean error of the total is to be less, a hundredth of it: a season that changes less is not worth it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What was predicted of the days after `split`, and what came: repeat purchases of the customers known by then.

    actual, without, with_season : totals
    """

    split: str
    actual: float
    without: float
    with_season: float

    @property
    def errors(self) -> tuple[float, float]:
        """Absolute errors of the total without the season and with it, as shares of what came."""
        return abs(self.without / self.actual - 1.0), abs(self.with_season / self.actual - 1.0)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        without, with_season = self.errors
        return {
            "split": self.split,
            "actual": self.actual,
            "predicted_without": self.without,
            "predicted_with": self.with_season,
            "error_without": without,
            "error_with": with_season,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Seasons estimated at rolling origins against none.

    days : predicted from each origin; weekly : absolute errors of purchases by week, as shares of the mean week of
        the origin: those without the season less those with it
    """

    days: int
    origins: tuple[Origin, ...]
    weekly: Margin

    @property
    def errors(self) -> tuple[float, float]:
        """Mean absolute errors of the totals, without the season and with it."""
        without, with_season = zip(*(origin.errors for origin in self.origins), strict=True)
        return math.fsum(without) / len(without), math.fsum(with_season) / len(with_season)

    @property
    def is_better(self) -> bool:
        """Whether the season predicts better, by week beyond the standard error and in total."""
        without, with_season = self.errors
        return self.weekly.is_clear and without - with_season > LEAST_GAIN

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        without, with_season = self.errors
        return {
            "days": self.days,
            "origins": [origin.to_dict() for origin in self.origins],
            "error_without": without,
            "error_with": with_season,
            "weekly": self.weekly.to_dict(),
            "is_better": self.is_better,
        }


def tried(days: PurchaseDays, model: str, l2: float = 0.0) -> Trial | str:
    """Estimate a season at each rolling origin, from what was known then, and predict the 13 weeks after it.

    Returns why there is no trial where the log does not have `LEAST_ORIGINS` origins with a past that tells a season.
    """
    origins, gains = [], []
    for split in origins_of(days.first_day, days.last_day, HOLDOUT_DAYS, MOST_ORIGINS, LEAST_DAYS):
        past = days.until(split)
        actual = _actual(days, past)
        if past.n_repeats < LEAST_REPEATS or not actual.sum() > 0.0:
            continue
        try:
            estimate = estimate_season(past, model, l2)
            plain = fit_counts(purchase_model(model), past.histories(None), unit="day", l2=l2)
        except NotIdentifiedError:
            continue
        without, with_season = _predicted(past, plain, None), _predicted(past, estimate.fit, estimate.season)
        if not np.isfinite(without + with_season).all():
            continue
        origins.append(
            Origin(
                split=day_at(split).isoformat(),
                actual=float(actual.sum()),
                without=float(without.sum()),
                with_season=float(with_season.sum()),
            )
        )
        gains.append((np.abs(without - actual), np.abs(with_season - actual), actual.mean()))
    if len(origins) < LEAST_ORIGINS:
        n_days = LEAST_DAYS + LEAST_ORIGINS * HOLDOUT_DAYS
        return (
            f"fewer than {LEAST_ORIGINS} of the quarters at the end have a past that tells a season: {n_days} days "
            f"and {LEAST_REPEATS} repeat purchases before them are needed"
        )
    losses = [np.concatenate([gain[i] / gain[2] for gain in gains]) for i in (0, 1)]
    return Trial(days=HOLDOUT_DAYS, origins=tuple(origins), weekly=margin_of(losses[0], losses[1]))


def _actual(days: PurchaseDays, past: PurchaseDays) -> Vector:
    """float64[weeks], purchases after the past of those who are in it."""
    known = np.zeros(int(days.customer[-1]) + 1 if days.customer.size else 0, dtype=np.bool_)
    known[days.ids_until(past.last_day)] = True
    ahead = (days.day > past.last_day) & (days.day <= past.last_day + HOLDOUT_DAYS) & known[days.customer]
    weeks = (days.day[ahead] - past.last_day - 1) // 7
    return np.bincount(weeks, minlength=HOLDOUT_DAYS // 7).astype(np.float64)


def _predicted(past: PurchaseDays, fit: Fit, season: Season | None) -> Vector:
    """float64[weeks], purchases expected after the past, in its unit of days or operational days."""
    model, h = purchase_model(fit.model), past.histories(season)
    alive = model.p_alive(h.x, h.t_x, h.T, *fit.values) * h.counts
    ahead = operational(season, past.last_day + 1, past.last_day + HOLDOUT_DAYS)[7::7]
    until = [float(alive @ model.expected_if_alive(end, h.x, h.T, *fit.values)) for end in ahead.tolist()]
    return np.diff(until, prepend=0.0)
