"""A log cut in two: what is known at the split, which predictions may use, and what happened after it."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.ledger import collect_summary, customer_days
from whalecurve.engine.orders import Audit, Orders, day_bounds, observed_lines, shares_of
from whalecurve.engine.runtime import Budget
from whalecurve.engine.scoring import Job
from whalecurve.engine.settings import ObservedWindow
from whalecurve.kernels.arrays import Vector


class LeakError(Exception):
    """What predictions rest on holds something from after the split: a defect, whatever the orders are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """An observed window cut in two. The past ends with the split day; the holdout is the `holdout_days` after it."""

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
        n_days = min(self.holdout_days, (self.day - self.first_day).days + 1)
        return replace(self.window, since=self.day - timedelta(days=n_days - 1), as_of=self.day)

    @property
    def holdout(self) -> ObservedWindow:
        """What is predicted."""
        return replace(self.window, since=self.day + timedelta(days=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """All that predictions may rest on.

    customers : those with a purchase, sorted: customer_id, first_purchase, frequency, recency, T, monetary_value,
        value as in the customer summary at the split; last_purchases and last_value, repeat purchases in the last
        period and what they brought
    repeats_by_day, joined_by_day : float64[days of the past], repeat and first purchases of all customers
    n_without_purchase : customers left out, who had returned goods only
    """

    split: Split
    customers: pl.DataFrame
    repeats_by_day: Vector
    joined_by_day: Vector
    n_without_purchase: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdout:
    """What the customers of a `Past` did after the split.

    purchases, value : float64[customers], purchase days and net value, in the order of the past's customers
    by_day : float64[days of the holdout], their purchases
    n_new_customers : customers who came after the split, whom no one could predict
    """

    purchases: Vector
    value: Vector
    by_day: Vector
    n_new_customers: int


def split_of(audit: Audit, holdout_days: int) -> Split:
    """Cut the observed window `holdout_days` before its end.

    Raises
    ------
    InputError
        A holdout that is no span, or leaves nothing on one of its sides.
    """
    if holdout_days <= 0:
        raise InputError(f"{setting('holdout_days', holdout_days)} is not ahead; give a positive number of days, as 90")
    before = (audit.as_of - audit.first_day).days
    if holdout_days > before:
        raise InputError(
            f"{setting('holdout_days', holdout_days)} leaves no past: orders begin on {audit.first_day}, {before} "
            f"days before "
            f"the last day observed, {audit.as_of}; hold out fewer days"
        )
    split = Split(window=audit.window, first_day=audit.first_day, holdout_days=holdout_days)
    if audit.last_day <= split.day:
        raise InputError(
            f"{setting('holdout_days', holdout_days)} begins after {split.day}, but the last order is on "
            f"{audit.last_day}; "
            f"hold out more days, or give an earlier {setting('as_of')}"
        )
    return split


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
    known = _until(split, collect_summary(job.orders, split.past, job.value, budget))
    customers = known.filter(pl.col("frequency").is_not_null())
    if customers.is_empty():
        raise InputError(f"no purchase up to the split, {split.day}, only returns; hold out fewer days")
    recent = _until(split, collect_summary(job.orders, split.last_period, job.value, budget))
    recent = recent.select("customer_id", last_purchases="n_purchase_days", last_value="value")
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
    joined = _by_day(
        customers.group_by(day=pl.col("first_purchase").cast(pl.Int32)).agg(n=pl.len()),
        replace(split.past, since=split.first_day),
    )
    bought = purchases_by_day(job.orders, replace(split.past, since=split.first_day), n_passes)
    return Past(
        split=split,
        customers=customers,
        repeats_by_day=bought - joined,
        joined_by_day=joined,
        n_without_purchase=known.height - customers.height,
    )


def holdout_of(job: Job, past: Past, n_passes: int, budget: Budget) -> Holdout:
    """Read what the customers of the past did after the split. A customer without an order did nothing: zero."""
    window, known = past.split.holdout, past.customers.select("customer_id")
    after = collect_summary(job.orders, window, job.value, budget).select("customer_id", "n_purchase_days", "value")
    found = known.join(after, on="customer_id", how="left", maintain_order="left")
    n_bought = found["n_purchase_days"].fill_null(0).cast(pl.Float64)
    newcomers = after.filter(pl.col("n_purchase_days") > 0).join(known, on="customer_id", how="anti")
    return Holdout(
        purchases=n_bought.to_numpy(),
        value=found["value"].fill_null(0.0).to_numpy(),
        by_day=purchases_by_day(job.orders, window, n_passes, among=known),
        n_new_customers=newcomers.height,
    )


def purchases_by_day(
    orders: Orders, window: ObservedWindow, n_passes: int, among: pl.DataFrame | None = None
) -> Vector:
    """Customers who bought on each day of a closed window; `among` holds the customer_id of those that count."""
    counts = []
    for share in shares_of(n_passes):
        days = customer_days(observed_lines(orders, window, share), orders).filter(pl.col("purchase_day").is_not_null())
        if among is not None:
            days = days.join(among.lazy(), on="customer_id", how="semi")
        by_day = days.group_by(day="purchase_day").agg(n=pl.len())
        counts.append(by_day.collect(engine="streaming"))
    return _by_day(pl.concat(counts), window)


def _by_day(counts: pl.DataFrame, window: ObservedWindow) -> Vector:
    """The counts `n` of each `day`, as an array over the days of a closed window."""
    first, last = day_bounds(window)
    assert first is not None, "the window is closed"
    at, n = counts["day"].to_numpy() - first, counts["n"].cast(pl.Float64).to_numpy()
    return np.bincount(at, weights=n, minlength=last - first + 1).astype(np.float64, copy=False)


def _until(split: Split, summary: pl.DataFrame) -> pl.DataFrame:
    latest = summary["last_purchase"].max()
    if isinstance(latest, date) and latest > split.day:
        raise LeakError(f"what predictions rest on holds a purchase of {latest}, after the split, {split.day}")
    return summary
