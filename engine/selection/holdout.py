"""The end of a log held out: what was known of customers before it, the model refitted to that, and who then bought.

What is said of customers is tested on it: the ranking by risk, and the day of the next purchase.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.errors import NotIdentifiedError
from whalecurve.engine.forecasts import season_clock
from whalecurve.engine.models import Fit, collapsed, fit_counts, purchase_model
from whalecurve.engine.models.grouped import Membership, fit_groups
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

    customer : int64[customers], the place of each among all customers of the log
    wait : steps from the split to the next purchase; all of the holdout where there was none in it
    gaps : int64[any], steps of every gap between purchases that was over at the split
    """

    customer: Int64
    x: Vector
    t_x: Vector
    T: Vector
    has_bought: NDArray[np.bool_]
    wait: Int64
    gaps: Int64


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The end of a log: where it is split, and what was known there of its customers and came."""

    split: Split
    past: Past

    @property
    def customers(self) -> str:
        """Whom it is of, in words."""
        return f"{self.past.x.size:,} customers known on {self.split.last_day}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdout:
    """A log split one risk horizon before its end, and what the model said then.

    past : histories of n customers at the split, and what came
    fit : of the model to these histories; params : its parameters, or float64[n] each where groups have own ones
    p_alive, quiet : float64[n], P(alive) at the split; P(no purchase in the holdout) of a customer who is active
    clock : at the split, of the season in whose operational time the fit is; None without one
    """

    split: Split
    past: Past
    fit: Fit
    params: tuple[float | Vector, ...]
    p_alive: Vector
    quiet: Vector
    clock: Clock | None = None

    @property
    def customers(self) -> str:
        """Whom it is of, in words."""
        return End(split=self.split, past=self.past).customers


def held_out(
    days: Days,
    n_customers: int,
    window: ObservedWindow,
    first_day: int,
    horizon_days: int,
    scoring: Scoring,
    season_before: Callable[[int], Season | None] | None = None,
    groups: Membership | None = None,
) -> Holdout | str:
    """The holdout of a log, or why there is none: `end_of`, and `refitted` to what was known then.

    Parameters
    ----------
    scoring
        How customers are scored, by one model.
    season_before
        The season as it was known at the end of a day; None where there is none.
    groups
        Of all customers, where these have parameters of their own.
    """
    end = end_of(days, n_customers, window, first_day, horizon_days)
    if isinstance(end, str):
        return end
    return refitted(end, scoring, None if season_before is None else season_before(end.split.last_known), groups)


def end_of(days: Days, n_customers: int, window: ObservedWindow, first_day: int, horizon_days: int) -> End | str:
    """The end of a log, one risk horizon long, or why it is not held out.

    The log has to be two risk horizons long; `LEAST_OF_EACH` of the customers known at the split have to buy again in
    time, and as many not to. Days after the window do not count.

    Parameters
    ----------
    days
        The days of so many customers.
    first_day
        The first day observed, since 1970.
    """
    span = day_number(window.as_of) - first_day + 1
    if span < 2 * horizon_days:
        return f"the log has {span:,} days, fewer than two risk horizons of {horizon_days}"
    split = Split.of(window, first_day, horizon_days)
    end = End(split=split, past=_past(days, n_customers, split))
    n_bought = int(np.count_nonzero(end.past.has_bought))
    if min(n_bought, end.past.x.size - n_bought) < LEAST_OF_EACH:
        why = f"of {end.customers}, {n_bought:,} bought in the {horizon_days} days after it"
        return f"{why}; {LEAST_OF_EACH} who did and as many who did not are needed"
    return end


def earlier(holdout: Holdout, days: Days, n_customers: int, horizon_days: int) -> End | str:
    """The end of the same log up to where a holdout splits it; or why it is not held out."""
    split = holdout.split
    window = replace(split.window, as_of=date.fromisoformat(split.last_day))
    return end_of(days, n_customers, window, split.first_day, horizon_days)


def _past(days: Days, n_customers: int, split: Split) -> Past:
    """What was known at the split, and what came, of all customers, or of stretches of neighbours by id."""
    parts = []
    for start, end in stretches_of(n_customers):
        entries = days.entries_between(start, end)[:, DayEntry.CUSTOMER_AND_DAY]
        entries = entries[entries & 1 == 1]
        entries = entries[(entries & 0xFFFFFFFF) >> 1 < split.first_day + split.of_day.size]
        customer, day = entries >> 32, (entries & 0xFFFFFFFF) >> 1
        step = split.of_day[day - split.first_day]
        is_new = np.ones(step.size, dtype=np.bool_)
        is_new[1:] = (customer[1:] != customer[:-1]) | (step[1:] != step[:-1])
        parts.append(_histories(customer[is_new] - start, step[is_new], end - start, split, start))
    return Past(
        customer=np.concatenate([part.customer for part in parts]),
        x=np.concatenate([part.x for part in parts]),
        t_x=np.concatenate([part.t_x for part in parts]),
        T=np.concatenate([part.T for part in parts]),
        has_bought=np.concatenate([part.has_bought for part in parts]),
        wait=np.concatenate([part.wait for part in parts]),
        gaps=np.concatenate([part.gaps for part in parts]),
    )


def _histories(customer: Int64, step: Int64, n: int, split: Split, start: int) -> Past:
    """Histories at the split of those of n customers who had bought by then, from their purchases in order.

    start : the place of the first of them among all
    """
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
    return Past(
        customer=start + np.flatnonzero(has_past),
        x=x,
        t_x=t_x,
        T=T,
        has_bought=has_bought[has_past],
        wait=wait[has_past],
        gaps=gaps,
    )


def refitted(end: End, scoring: Scoring, season: Season | None, groups: Membership | None = None) -> Holdout | str:
    """The model as it would have been fitted at the split, and what it then says of the holdout; or why it is not."""
    past, split, model = end.past, end.split, purchase_model(scoring.model)
    histories = collapsed(past.x, past.t_x, past.T)
    if model.has_stages:
        histories = histories.with_gaps(np.bincount(past.gaps, minlength=1), 1.0)
    histories = histories.scaled(split.per_unit)
    x, t_x, T = past.x, past.t_x / split.per_unit, past.T / split.per_unit
    ahead, clock = split.n_ahead / split.per_unit, None
    if season is not None:
        clock = season_clock(season, replace(split.window, as_of=day_at(split.last_known)), histories)
        histories, (t_x, T), ahead = clock.histories(histories), clock.history(t_x, T), float(clock.until(ahead))
    unit, l2 = split.window.model_unit, scoring.l2
    try:
        fit = fit_counts(model, histories, unit=unit, l2=l2)
    except NotIdentifiedError as error:
        return f"no purchase model of {end.customers}: {error}"
    params: tuple[float | Vector, ...] = fit.values
    if groups is not None:
        here = groups.of(past.customer)
        params = tuple(fit_groups(model, x, t_x, T, here, fit, l2=l2).members(here.codes).params.values())
    return Holdout(
        split=split,
        past=past,
        fit=fit,
        params=params,
        p_alive=model.p_alive(x, t_x, T, *params),
        quiet=model.quiet_if_alive(ahead, x, t_x, T, *params),
        clock=clock,
    )
