"""Of all that happened, what a customer is written to about: the most important, and not too often."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from whalecurve.engine.triggers.settings import Triggering

COOLING, ANOTHER = "cooling off", "another trigger"
"""Why an event is held back: the customer was written to lately, or is about something else. A long silence waits."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choice:
    """What is told, and what is not.

    told : events with `priority` (1, 2, ... of the customer's), the most important triggers first, then by CLV and id
    held_back : the other events, with `reason`: `COOLING` or `ANOTHER`
    """

    told: pl.DataFrame
    held_back: pl.DataFrame


def chosen(events: pl.DataFrame, sent: pl.DataFrame, asked: Triggering, on: date) -> Choice:
    """Choose among the events of a day.

    Parameters
    ----------
    events
        See `events`.
    sent
        customer_id, on: the days of earlier lists that customers were on.
    """
    cooling = sent.filter(pl.col("on") > on - pl.duration(days=asked.cooling_off)).select("customer_id").unique()
    ranked = _ranked(events, asked.looked_for)
    is_cooling = pl.col("customer_id").is_in(cooling["customer_id"].implode())
    reason = pl.when(is_cooling).then(pl.lit(COOLING)).when(pl.col("priority") > asked.most).then(pl.lit(ANOTHER))
    judged = ranked.with_columns(reason=reason)
    return Choice(
        told=judged.filter(pl.col("reason").is_null()).drop("reason"),
        held_back=judged.filter(pl.col("reason").is_not_null()),
    )


def _ranked(events: pl.DataFrame, triggers: Sequence[str]) -> pl.DataFrame:
    """The events that are looked for, in order, with their place among those of the customer."""
    order = pl.Enum(list(triggers))
    wanted = events.filter(pl.col("trigger").is_in(list(triggers))).with_columns(pl.col("trigger").cast(order))
    ordered = wanted.sort(
        "trigger", "clv", "customer_id", descending=[False, True, False], nulls_last=True, maintain_order=True
    )
    priority = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("customer_id")
    return ordered.with_columns(pl.col("trigger").cast(pl.String), priority=priority).select(
        "customer_id", "trigger", "priority", "detail", "rfm_segment", "value", "clv"
    )
