"""Stages: customers -> the day on which each is expected to buy next, and whether they are overdue."""

from datetime import date
from typing import Literal

import polars as pl

from whalecurve.engine.segments.rhythm import NEXT_DAYS, OVERDUE_BEYOND, Rhythm, is_past

Basis = Literal["model", "rhythm"]
"""What a next purchase is told by: the fitted purchase model, or the customer's rhythm."""

NEXT_PURCHASE = ("next_purchase", "next_purchase_from", "next_purchase_to")
"""The day, and the interval about it that every second purchase comes in."""

WAITS = ("wait", "wait_from", "wait_to")
"""Columns of the days from as-of that the model tells; dropped again by `with_next_purchase`."""

SOON_DAYS = 30
"""Days from as-of up to which a next purchase is due soon."""

_NEEDED = ("n_purchase_days", "first_purchase", "last_purchase", "days_since_last", "is_overdue")


def with_is_overdue(customers: pl.LazyFrame) -> pl.LazyFrame:
    """Add is_overdue (Boolean): whether the silence is longer than `OVERDUE_BEYOND` of the customer's gaps are.

    Null without a purchase day. Needs the column of `Rhythm.not_back`.
    """
    return customers.with_columns(is_overdue=is_past(OVERDUE_BEYOND))


def with_next_purchase(customers: pl.LazyFrame, rhythm: Rhythm, basis: Basis, as_of: date) -> pl.LazyFrame:
    """Add `NEXT_PURCHASE` (Date), before is_overdue.

    By the model, the median time to the next purchase of a customer who is still active (`WAITS`, in days from as-of);
    null where there is no model, and for whoever is rather gone than active. By the rhythm, the day by whose end half
    of the customer's gaps that are as long as the silence so far are over; null for whoever is overdue. Either way the
    interval is from the 25 % to the 75 % point, of customers with more than `OWN_GAPS` gaps, and a day more than ten
    years away is none.

    Needs n_purchase_days, first_purchase, last_purchase, days_since_last and is_overdue.
    """
    if basis == "model":
        told = customers.collect_schema().names()
        today = pl.lit(as_of).cast(pl.Int32)
        waits = [pl.col(wait) if wait in told else pl.lit(None) for wait in WAITS]
        dates = {name: (today + wait).cast(pl.Date) for name, wait in zip(NEXT_PURCHASE, waits, strict=True)}
        days = customers.with_columns(**dates)
    else:
        days = _by_rhythm(customers, rhythm)
    return days.drop(WAITS, strict=False).select(pl.exclude("is_overdue"), "is_overdue")


def days_to_next(customers: pl.DataFrame, rhythm: Rhythm) -> pl.Series:
    """Days from the last purchase to the next one by the rhythm; null for whoever is overdue or has not bought.

    Needs n_purchase_days, first_purchase, last_purchase and days_since_last.
    """
    told = customers.lazy().with_columns(rhythm.not_back())
    return _days(with_is_overdue(told).collect(), rhythm)[NEXT_DAYS[0]]


def _days(histories: pl.DataFrame, rhythm: Rhythm) -> pl.DataFrame:
    """`NEXT_DAYS` of whoever is not overdue."""
    is_due = pl.when(~pl.col("is_overdue")).then("n_purchase_days").otherwise(0)
    return rhythm.next_days(histories.with_columns(is_due))


def _by_rhythm(customers: pl.LazyFrame, rhythm: Rhythm) -> pl.LazyFrame:
    def told(rows: pl.Series) -> pl.Series:
        histories = rows.struct.unnest()
        last, days = histories["last_purchase"].cast(pl.Int32), _days(histories, rhythm)
        dates = {name: (last + days[day]).cast(pl.Date) for name, day in zip(NEXT_PURCHASE, NEXT_DAYS, strict=True)}
        return pl.DataFrame(dates).to_struct(rows.name)

    rhythm.next_days(_nobody())  # compiled here, once: Polars calls `told` from several threads
    dates = pl.struct(_NEEDED).map_batches(
        told, return_dtype=pl.Struct(dict.fromkeys(NEXT_PURCHASE, pl.Date)), is_elementwise=True
    )
    found = customers.with_columns(__next=dates)
    fields = {name: pl.col("__next").struct.field(name) for name in NEXT_PURCHASE}
    return found.with_columns(**fields).drop("__next")


def _nobody() -> pl.DataFrame:
    whole, day = pl.Int32(), pl.Date()
    return pl.DataFrame(
        schema={"n_purchase_days": whole, "first_purchase": day, "last_purchase": day, "days_since_last": whole}
    )
