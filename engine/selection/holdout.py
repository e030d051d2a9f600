"""The end of a log held out: what was known of customers before it, the model refitted to that, and who then bought.

What is said of customers is tested on it: the ranking by risk, and the day of the next purchase.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.errors import NotIdentifiedError
from whalecurve.engine.forecasts import season_clock
from whalecurve.engine.models import Fit, collapsed, fit_counts, purchase_model
from whalecurve.engine.orders import day_at, day_number, last_complete, period_ends, period_of
from whalecurve.engine.seasons import Clock, Season
from whalecurve.engine.settings import ObservedWindow, Scoring
from whalecurve.engine.store import Days, stretches_of
from whalecurve.kernels.arrays import Int64, Vector
from whalecurve.kernels.store import DayEntry

LEAST_OF_EACH = 100
"""Customers who bought, and who did not, from which on a ranking is tested: the standard error of its AUC is then at
most 0.041 where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A log cut in two, in steps: days, or whole periods where time is counted in them, since 1970.

    of_day : int64[days], the step of each day from `first_day` on
    last_known, last : the last step of the past, and of the holdout
    per_unit : steps in one unit of model time
    """

    window: ObservedWindow
    first_day: int
    of_day: Int64
    last_known: int
    last: int
    per_unit: float

    @classmethod
    def of(cls, window: ObservedWindow, first_day: int, horizon_days: int) -> Self:
        """The last steps of the window held out, as many as come nearest to the horizon."""
        as_of, period = day_number(window.as_of), window.period
        days = np.arange(first_day, as_of + 1, dtype=np.int64)
        if period is None:
            last, n_ahead, per_unit = as_of, horizon_days, window.days_per_unit
        else:
            named = pl.select(period_of(pl.lit(pl.Series(days, dtype=pl.Int32)), period)).to_series()
            days, last, per_unit = named.cast(pl.Int64).to_numpy(), last_complete(window.as_of, period), 1.0
            n_ahead = max(1, round(horizon_days / window.days_per_unit))
        return cls(
            window=window,
            first_day=first_day,
            of_day=days,
            last_known=last - n_ahead,
            last=last,
            per_unit=per_unit,
        )

    @property
    def n_ahead(self) -> int:
        """The steps of the holdout."""
        return self.last - self.last_known

    @property
    def last_day(self) -> str:
        """The last day of the past."""
        step, period = self.last_known, self.window.period
        return day_at(step if period is None else int(period_ends(np.array([step]), period)[0])).isoformat()


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Histories of customers at the split, times in steps, and what came: arrays [customers] but for the gaps.

    wait : steps from the split to the next purchase; all of the holdout where there was none in it
    gaps : int64[any], steps of every gap between purchases that was over at the split
    """

    x: Vector
    t_x: Vector
    T: Vector
    has_bought: NDArray[np.bool_]
    wait: Int64
    gaps: Int64


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdout:
    """A log split one risk horizon before its end, and what the model said then.

    past : histories of n customers at the split, and what came
    fit : of the model to these histories
    p_alive, quiet : float64[n], P(alive) at the split; P(no purchase in the holdout) of a customer who is active
    clock : at the split, of the season in whose operational time the fit is; None without one
    """

    split: Split
    past: Past
    fit: Fit
    p_alive: Vector
    quiet: Vector
    clock: Clock | None = None

    @property
    def customers(self) -> str:
        """Whom it is of, in words."""
        return _words(self.past, self.split)


def held_out(
    days: Days,
    n_customers: int,
    window: ObservedWindow,
    first_day: int,
    horizon_days: int,
    scoring: Scoring,
    season_before: Callable[[int], Season | None] | None = None,
) -> Holdout | str:
    """The holdout of a log, or why there is none.

    The log is split one risk horizon before its end, and has to be two of them long. The model is refitted to what was
    known then; `LEAST_OF_EACH` of the customers known have to buy again in time, and as many not to.

    Parameters
    ----------
    days
        The days of so many customers.
    first_day
        The first day observed, since 1970.
    scoring
        How customers are scored, by one model.
    season_before
        The season as it was known at the end of a day; None where there is none.
    """
    span = day_number(window.as_of) - first_day + 1
    if span < 2 * horizon_days:
        return f"the log has {span:,} days, fewer than two risk horizons of {horizon_days}"
    split = Split.of(window, first_day, horizon_days)
    past = _past(days, n_customers, split)
    n_bought = int(np.count_nonzero(past.has_bought))
    customers = _words(past, split)
    if min(n_bought, past.x.size - n_bought) < LEAST_OF_EACH:
        why = f"of {customers}, {n_bought:,} bought in the {horizon_days} days after it"
        return f"{why}; {LEAST_OF_EACH} who did and as many who did not are needed"
    try:
        return _refitted(past, split, scoring, None if season_before is None else season_before(split.last_known))
    except NotIdentifiedError as error:
        return f"no purchase model of {customers}: {error}"


def _words(past: Past, split: Split) -> str:
    return f"{past.x.size:,} customers known on {split.last_day}"


def _past(days: Days, n_customers: int, split: Split) -> Past:
    """What was known at the split, and what came, of all customers, or of stretches of neighbours by id."""
    parts = []
    for start, end in stretches_of(n_customers):
        entries = days.entries_between(start, end)[:, DayEntry.CUSTOMER_AND_DAY]
        entries = entries[entries & 1 == 1]
        customer, day = entries >> 32, (entries & 0xFFFFFFFF) >> 1
        step = split.of_day[day - split.first_day]
        is_new = np.ones(step.size, dtype=np.bool_)
        is_new[1:] = (customer[1:] != customer[:-1]) | (step[1:] != step[:-1])
        parts.append(_histories(customer[is_new] - start, step[is_new], end - start, split))
    return Past(
        x=np.concatenate([part.x for part in parts]),
        t_x=np.concatenate([part.t_x for part in parts]),
        T=np.concatenate([part.T for part in parts]),
        has_bought=np.concatenate([part.has_bought for part in parts]),
        wait=np.concatenate([part.wait for part in parts]),
        gaps=np.concatenate([part.gaps for part in parts]),
    )


def _histories(customer: Int64, step: Int64, n: int, split: Split) -> Past:
    """Histories at the split of those of n customers who had bought by then, from their purchases in order."""
    is_past = step <= split.last_known
    is_ahead = ~is_past & (step <= split.last)
    n_before = np.bincount(customer[is_past], minlength=n)
    n_after = np.bincount(customer[is_ahead], minlength=n)
    ends = np.cumsum(n_before)
    has_past = n_before > 0
    before, owner = step[is_past], customer[is_past]
    first, last = before[ends[has_past] - n_before[has_past]], before[ends[has_past] - 1]
    x, t_x, T = (times.astype(np.float64) for times in (n_before[has_past] - 1, last - first, split.last_known - first))
    gaps = (before[1:] - before[:-1])[owner[1:] == owner[:-1]]
    has_bought, wait = n_after > 0, np.full(n, split.n_ahead)
    first_ahead = np.cumsum(n_after) - n_after
    wait[has_bought] = step[is_ahead][first_ahead[has_bought]] - split.last_known
    return Past(x=x, t_x=t_x, T=T, has_bought=has_bought[has_past], wait=wait[has_past], gaps=gaps)


def _refitted(past: Past, split: Split, scoring: Scoring, season: Season | None) -> Holdout:
    """The model as it would have been fitted at the split, and what it then says of the holdout."""
    model = purchase_model(scoring.model)
    histories = collapsed(past.x, past.t_x, past.T).scaled(split.per_unit)
    x, t_x, T = past.x, past.t_x / split.per_unit, past.T / split.per_unit
    ahead, clock = split.n_ahead / split.per_unit, None
    if season is not None:
        clock = season_clock(season, replace(split.window, as_of=day_at(split.last_known)), histories)
        histories, (t_x, T), ahead = clock.histories(histories), clock.history(t_x, T), float(clock.until(ahead))
    fit = fit_counts(model, histories, unit=split.window.model_unit, l2=scoring.l2)
    return Holdout(
        split=split,
        past=past,
        fit=fit,
        p_alive=model.p_alive(x, t_x, T, *fit.values),
        quiet=model.no_purchase_if_alive(ahead, x, T, *fit.values),
        clock=clock,
    )
