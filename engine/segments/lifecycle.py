"""Stages: customer summary -> stage of the life cycle, and whether spend is falling, by the customer's own rhythm."""

import polars as pl

from whalecurve.engine.coded_words import labelled
from whalecurve.engine.schemes import Lifecycle
from whalecurve.engine.segments.rhythm import is_past

LEAST_DAYS = 180
"""Days that must have been observed before a silence is called a fall in spend: two quarters."""


def with_lifecycle_stage(customers: pl.LazyFrame, lifecycle: Lifecycle) -> pl.LazyFrame:
    """Add lifecycle_stage (Enum): new, active, dormant or churned; null without a purchase day.

    By the days since the last purchase: active up to the 80 % point of the customer's rhythm (`active_until`), and new
    there with one purchase day; dormant up to its 95 % point (`dormant_until`), churned beyond. Days are whole days,
    whatever unit or period the models count in.

    Needs n_purchase_days, and the column of `Rhythm.not_back`.
    """
    is_late, is_gone = (is_past(share) for share in (lifecycle.active_until, lifecycle.dormant_until))
    is_new = (pl.col("n_purchase_days") == 1) & ~is_late
    place = 1 + is_late.cast(pl.Int8) + is_gone.cast(pl.Int8) - is_new.cast(pl.Int8)
    return customers.with_columns(lifecycle_stage=labelled([stage.name for stage in lifecycle.labels], place))


def with_spend_falling(customers: pl.LazyFrame, lifecycle: Lifecycle, observed_days: int) -> pl.LazyFrame:
    """Add spend_falling (Boolean): whether a customer is silent beyond the 90 % point (`falling_beyond`) of the rhythm.

    Null without a purchase day, and everywhere where fewer than `LEAST_DAYS` days are observed: a rhythm is not known
    from less. That the purchases of a quarter are improbably few beside what the model expected of it is no second
    sign: on seven logs, cut twice each, it named at most 15 customers of a log who were not silent too, and they then
    bought no less often than the others (benchmarks/labels.md).

    Needs the column of `Rhythm.not_back`.
    """
    is_told = pl.lit(observed_days >= LEAST_DAYS)
    return customers.with_columns(spend_falling=pl.when(is_told).then(is_past(lifecycle.falling_beyond)))
