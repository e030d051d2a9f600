"""A log cut in two: what is known at the split, which predictions may use, and what happened after it."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.audit import Audit
from whalecurve.engine.customer_shares import shares_of
from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.orders import (
    Orders,
    day_at,
    day_number,
    last_complete,
    observed_lines,
    period_ends,
    period_number,
    period_of,
)
from whalecurve.engine.runtime import Budget
from whalecurve.engine.scoring import Job
from whalecurve.engine.seasons import PurchaseDays
from whalecurve.engine.selection import End, end_of, risk_horizon
from whalecurve.engine.settings import ObservedWindow, Period
from whalecurve.engine.statistics import kaplan_meier
from whalecurve.engine.store import collect_summary, customer_days, read_totals, summary_of
from whalecurve.kernels.arrays import Int64, Vector

PERIODS_A_YEAR: dict[Period, int] = {"week": 52, "month": 12, "quarter": 4, "year": 1}


class LeakError(Exception):
    """What predictions rest on holds something from after the split: a defect, whatever the orders are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """An observed window cut in two. The past ends with the split day; the holdout is the `holdout_days` after it.

    Time goes in steps: days, or, where the window counts periods, whole periods, of which the split is the end of one.
    """

    window: ObservedWindow
    first_day: date
    holdout_days: int

    @property
    def as_of(self) -> date:
        """Last day of the holdout."""
        return self.window.as_of

    @property
    def day(self) -> date:
        """Last day of the past."""
        return self.as_of - timedelta(days=self.holdout_days)

    @property
    def past(self) -> ObservedWindow:
        """What models are fitted on."""
        return replace(self.window, as_of=self.day)

    @property
    def last_period(self) -> ObservedWindow:
        """The end of the past, as long as the holdout where the data go back so far."""
        if self.window.period is not None:
            before = period_ends(np.array([self.step_of(self.day) - self.n_ahead]), self.window.period)
            return replace(self.past, since=day_at(int(before[0]) + 1))
        n_days = min(self.holdout_days, (self.day - self.first_day).days + 1)
        return replace(self.past, since=self.day - timedelta(days=n_days - 1))

    @property
    def season(self) -> ObservedWindow | None:
        """The days of the holdout 52 weeks before, or its periods a year before; None where not all are of the past."""
        first, last = self.step_of(self.day) + 1 - self.year, self.step_of(self.as_of) - self.year
        if first < self.step_of(self.first_day) or last > self.step_of(self.day):
            return None
        if self.window.period is None:
            return replace(self.past, since=day_at(first), as_of=day_at(last))
        before, end = (day_at(int(day)) for day in period_ends(np.array([first - 1, last]), self.window.period))
        return replace(self.past, since=before + timedelta(days=1), as_of=end)

    @property
    def year(self) -> int:
        """Steps of a year: 52 weeks, so that days of the week are the same, or the periods of one."""
        return 364 if self.window.period is None else PERIODS_A_YEAR[self.window.period]

    def step_of(self, day: date) -> int:
        """The number of the step that a day falls in, since 1970."""
        return step_of(day, self.window)

    @property
    def n_past(self) -> int:
        """Steps of the past."""
        return self.step_of(self.day) - self.step_of(self.first_day) + 1

    @property
    def n_ahead(self) -> int:
        """Steps of the holdout."""
        return self.step_of(self.as_of) - self.step_of(self.day)

    @property
    def steps_per_unit(self) -> float:
        """Steps in one unit of model time."""
        return self.window.days_per_unit if self.window.period is None else 1.0

    @property
    def holdout(self) -> ObservedWindow:
        """What is predicted."""
        return replace(self.window, since=self.day + timedelta(days=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """All that predictions may rest on.

    customers : those with a purchase, sorted: customer_id, first_purchase, frequency, recency, T, monetary_value,
        value as in the customer summary at the split; last_purchases and last_value, repeat purchases in the last
        period and what they brought; season_purchases and season_value, the same of the season a year before, where
        there is one, null for those who came later
    risk_days : the risk horizon asked for, or found in the past, but no longer than the holdout
    repeats_by_day, joined_by_day : float64[steps of the past], repeat and first purchases of all customers
    n_without_purchase : customers left out, who had returned goods only
    purchase_days : of customers, or a sample of them, where a season is asked for
    end : the end of the past, held out in turn, where probabilities are to be recalibrated; or why it is not
    gaps : int64[any], how many gaps of 0, 1, 2 ... days between purchase days there are
    """

    split: Split
    customers: pl.DataFrame
    risk_days: int
    repeats_by_day: Vector
    joined_by_day: Vector
    n_without_purchase: int
    gaps: Int64
    purchase_days: PurchaseDays | None = None
    end: End | str | None = None

    @property
    def risk_steps(self) -> int:
        """The risk horizon in steps of the split."""
        per_step = 1.0 if self.split.window.period is None else self.split.window.days_per_unit
        return max(1, min(round(self.risk_days / per_step), self.split.n_ahead))


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdout:
    """What the customers of a `Past` did after the split.

    purchases, value : float64[customers], purchase days (or periods with a purchase) and net value, in the order of
        the past's customers
    has_bought : bool[customers], whether a purchase came within the risk horizon
    by_day : float64[steps of the holdout], their purchases
    n_new_customers : customers who came after the split, whom no one could predict
    """

    purchases: Vector
    value: Vector
    has_bought: NDArray[np.bool_]
    by_day: Vector
    n_new_customers: int


def split_of(audit: Audit, holdout_days: int) -> Split:
    """Cut the observed window `holdout_days` before its end.

    Where the window counts periods it ends with the last one that is over, and as many of them are held out as come
    nearest to the days, at least one.

    Raises
    ------
    InputError
        A holdout that is no span, or leaves nothing on one of its sides.
    """
    if holdout_days <= 0:
        raise InputError(f"{setting('holdout_days', holdout_days)} is not ahead; give a positive number of days, as 90")
    if audit.window.period is not None:
        return _split_of_periods(audit, audit.window.period, holdout_days)
    before = (audit.as_of - audit.first_day).days
    if holdout_days > before:
        raise InputError(
            f"{setting('holdout_days', holdout_days)} leaves no past: orders begin on {audit.first_day}, {before} "
            f"days before the last day observed, {audit.as_of}; hold out fewer days"
        )
    split = Split(window=audit.window, first_day=audit.first_day, holdout_days=holdout_days)
    if audit.last_day <= split.day:
        raise InputError(
            f"{setting('holdout_days', holdout_days)} begins after {split.day}, but the last order is on "
            f"{audit.last_day}; hold out more days, or give an earlier {setting('as_of')}"
        )
    return split


def _split_of_periods(audit: Audit, period: Period, holdout_days: int) -> Split:
    n_ahead = max(1, round(holdout_days / audit.window.days_per_unit))
    last, first = last_complete(audit.as_of, period), period_number(audit.first_day, period)
    words = f"{setting('holdout_days', holdout_days)} of {setting('period', period)} is {n_ahead} of them"
    if last - n_ahead < first:
        raise InputError(
            f"{words} and leaves no past: orders begin on {audit.first_day}, and {max(last - first + 1, 0)} "
            f"are over by {audit.as_of}; hold out fewer days"
        )
    day, as_of = (day_at(int(end)) for end in period_ends(np.array([last - n_ahead, last]), period))
    if audit.last_day <= day:
        raise InputError(f"{words} and begins after {day}, but the last order is on {audit.last_day}; hold out more")
    window = replace(audit.window, as_of=as_of)
    return Split(window=window, first_day=audit.first_day, holdout_days=(as_of - day).days)


def step_of(day: date, window: ObservedWindow) -> int:
    """The number of a day since 1970, or of the period that it falls in."""
    return day_number(day) if window.period is None else period_number(day, window.period)


def _n_purchases(window: ObservedWindow) -> pl.Expr:
    """Purchase days of a customer in a window, or the periods with a purchase."""
    if window.period is None:
        return pl.col("n_purchase_days")
    return (pl.col("frequency") + 1).fill_null(0)


def past_of(job: Job, split: Split, n_passes: int, budget: Budget) -> Past:
    """Read what is known at the split: the one way by which orders reach a prediction.

    A customer who joined in the last period has as `last_purchases` the repeat purchases since, as the holdout
    counts no first purchase either.

    Raises
    ------
    InputError
        No purchase up to the split.
    LeakError
        Something read is later than the split.
    """
    summary, risk_days, purchase_days, end, gaps = _summary_and_risk(job, split, budget)
    customers = summary.filter(pl.col("frequency").is_not_null())
    if customers.is_empty():
        raise InputError(f"no purchase up to the split, {split.day}, only returns; hold out fewer days")
    recent = _until(split, collect_summary(job.orders, split.last_period, job.value, budget))
    recent = recent.select("customer_id", last_purchases=_n_purchases(split.window), last_value="value")
    x, m = pl.col("frequency").cast(pl.Float64), pl.col("monetary_value")
    joined_since = pl.col("first_purchase") >= split.last_period.since
    columns = ("customer_id", "first_purchase", "frequency", "recency", "T", "monetary_value", "value")
    customers = (
        customers.select(columns)
        .join(recent, on="customer_id", how="left", maintain_order="left")
        .with_columns(
            last_purchases=pl.when(joined_since).then(x).otherwise(pl.col("last_purchases").fill_null(0)),
            last_value=pl.when(joined_since).then(x * m).otherwise(pl.col("last_value").fill_null(0.0)),
        )
    )
    customers = _with_season(customers, job, split, budget)
    first = pl.col("first_purchase").cast(pl.Int32)
    if split.window.period is not None:  # the first period with a purchase, as T counts from it
        first = (split.step_of(split.day) - pl.col("T")).cast(pl.Int32)
    joined = _by_day(customers.group_by(day=first).agg(n=pl.len()), replace(split.past, since=split.first_day))
    bought = purchases_by_day(job.orders, replace(split.past, since=split.first_day), n_passes)
    return Past(
        split=split,
        customers=customers,
        risk_days=risk_days,
        repeats_by_day=bought - joined,
        joined_by_day=joined,
        n_without_purchase=summary.height - customers.height,
        purchase_days=purchase_days,
        end=end,
        gaps=gaps,
    )


def _with_season(customers: pl.DataFrame, job: Job, split: Split, budget: Budget) -> pl.DataFrame:
    season = split.season
    if season is None:
        return customers
    then = _until(split, collect_summary(job.orders, season, job.value, budget))
    x, m = pl.col("frequency").cast(pl.Float64), pl.col("monetary_value")
    then = then.select(
        "customer_id",
        season_purchases=_n_purchases(split.window).cast(pl.Float64),
        season_value="value",
        repeats=x.fill_null(0.0),
        of_repeats=(x * m).fill_null(0.0),
    )
    is_new, is_later = pl.col("first_purchase") >= season.since, pl.col("first_purchase") > season.as_of
    columns = {"season_purchases": "repeats", "season_value": "of_repeats"}
    return (
        customers.join(then, on="customer_id", how="left", maintain_order="left")
        .with_columns(
            pl.when(is_new).then(repeats).otherwise(name).fill_null(0.0).alias(name)
            for name, repeats in columns.items()
        )
        .with_columns(pl.when(~is_later).then(name).alias(name) for name in columns)
        .drop(columns.values())
    )


def _summary_and_risk(
    job: Job, split: Split, budget: Budget
) -> tuple[pl.DataFrame, int, PurchaseDays | None, End | str | None, Int64]:
    """The customer summary at the split, the risk horizon, no longer than the holdout, what needs days, and gaps.

    These days are purchase days for a season, and the end of the past to recalibrate by; None where not asked for.
    """
    totals = read_totals(job.orders, split.past, budget, value=job.value)
    try:
        summary = _until(split, summary_of(totals, job.value).collect(engine="streaming"))
        asked = job.scoring.risk_days
        still_open = np.bincount(summary["days_since_last"].drop_nulls().to_numpy())
        risk_days = risk_horizon(kaplan_meier(totals.gaps, still_open)) if isinstance(asked, str) else asked
        risk_days = min(risk_days, split.holdout_days)
        first, last = day_number(split.first_day), day_number(split.day)
        days, end = None, None
        if job.scoring.season != "none":
            assert totals.days is not None, "totals of a value keep the days"
            days = PurchaseDays.of(totals.days, totals.n_customers, first, last)
            if days.day.size and int(days.day.max()) > last:
                raise LeakError(f"a season is to be estimated from a purchase after the split, {split.day}")
        if job.scoring.recalibrate:
            assert totals.days is not None, "totals of a value keep the days"
            end = end_of(totals.days, totals.n_customers, split.past, first, risk_days)
        return summary, risk_days, days, end, totals.gaps
    finally:
        totals.close()


def holdout_of(job: Job, past: Past, n_passes: int, budget: Budget) -> Holdout:
    """Read what the customers of the past did after the split. A customer without an order did nothing: zero."""
    window, predicted = past.split.holdout, past.customers.select("customer_id")
    after = collect_summary(job.orders, window, job.value, budget)
    after = after.select("customer_id", "value", "first_purchase", n_bought=_n_purchases(window))
    joined = predicted.join(after, on="customer_id", how="left", maintain_order="left")
    n_bought = joined["n_bought"].fill_null(0).cast(pl.Float64)
    first = pl.col("first_purchase").cast(pl.Int32)
    step = first if window.period is None else period_of(first, window.period)
    is_soon = step <= past.split.step_of(past.split.day) + past.risk_steps
    has_bought = joined.select(((pl.col("n_bought") > 0) & is_soon).fill_null(value=False)).to_series()
    newcomers = after.filter(pl.col("n_bought") > 0).join(predicted, on="customer_id", how="anti")
    return Holdout(
        purchases=n_bought.to_numpy(),
        value=joined["value"].fill_null(0.0).to_numpy(),
        has_bought=has_bought.to_numpy(),
        by_day=purchases_by_day(job.orders, window, n_passes, among=predicted),
        n_new_customers=newcomers.height,
    )


def purchases_by_day(
    orders: Orders, window: ObservedWindow, n_passes: int, among: pl.DataFrame | None = None
) -> Vector:
    """Customers who bought in each step of a closed window; `among` holds the customer_id of those that count."""
    counts = []
    for share in shares_of(n_passes):
        lines = observed_lines(orders, window, share)
        if window.period is not None:
            lines = lines.with_columns(day=period_of(pl.col("day"), window.period))
        days = customer_days(lines, orders).filter(pl.col("purchase_day").is_not_null())
        if among is not None:
            days = days.join(among.lazy(), on="customer_id", how="semi")
        by_day = days.group_by(day="purchase_day").agg(n=pl.len())
        counts.append(by_day.collect(engine="streaming"))
    return _by_day(pl.concat(counts), window)


def _by_day(counts: pl.DataFrame, window: ObservedWindow) -> Vector:
    """The counts `n` of each `day`, as an array over the days, or periods, of a closed window."""
    assert window.since is not None, "the window is closed"
    first, last = step_of(window.since, window), step_of(window.as_of, window)
    at, n = counts["day"].to_numpy() - first, counts["n"].cast(pl.Float64).to_numpy()
    return np.bincount(at, weights=n, minlength=last - first + 1).astype(np.float64, copy=False)


def _until(split: Split, summary: pl.DataFrame) -> pl.DataFrame:
    latest = summary["last_purchase"].max()
    if isinstance(latest, date) and latest > split.day:
        raise LeakError(f"what predictions rest on holds a purchase of {latest}, after the split, {split.day}")
    return summary
