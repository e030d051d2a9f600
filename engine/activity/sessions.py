"""Sessions: what a customer does on the site without a long silence, and which of them a purchase belongs to."""

import polars as pl

from whalecurve.engine.activity.slots import MINUTE
from whalecurve.engine.publication import CUSTOMER

IN_ORDER = pl.col("channel").to_physical().cast(pl.UInt32).fill_null(2**32 - 1)
"""Channels in alphabetical order, none last. Not `nulls_last`, with which Polars sorts several times as long."""


def sessions_of(slots: pl.DataFrame, purchases: pl.DataFrame, minutes: int) -> pl.DataFrame:
    """One row per session, in order of the customers, and of time within each.

    A session has the channel of its first event that has one. A purchase day belongs to one session of those that began
    on it, if there are any: to that which came furthest, a checkout being further than a cart, and a cart than none; of
    several to the last.

    Parameters
    ----------
    slots
        As `slots_of` has them.
    purchases
        customer_id and day (Int32) of each purchase day.
    minutes
        Silence that ends a session.

    Returns
    -------
    polars.DataFrame
        customer_id, day, channel, cart, checkout, bought (Boolean)
    """
    visits = slots.filter(pl.col("visits") > 0).sort(CUSTOMER, "began", IN_ORDER)
    is_new = _differs(CUSTOMER) | _differs("day") | _differs("slot")
    placed = visits.with_columns(is_new=is_new, place=is_new.cum_sum().cast(pl.Int64))
    ends = placed.group_by("place").agg(pl.col("ended").max()).sort("place")["ended"]  # of all channels of the slot
    silence = pl.col("began") - ends.gather((placed["place"] - 2).clip(0))
    is_first = pl.col("is_new") & (_differs(CUSTOMER) | (silence >= minutes * MINUTE))
    numbered = placed.with_columns(session=is_first.cum_sum())
    sessions = numbered.group_by("session", maintain_order=True).agg(
        pl.col(CUSTOMER, "day").first(), cart=pl.col("cart").sum() > 0, checkout=pl.col("checkout").sum() > 0
    )
    sessions = with_first_channel(sessions, numbered, ["session"])
    reached = pl.when("checkout").then(2).when("cart").then(1).otherwise(0)
    furthest = (
        sessions.with_columns(reached=reached)
        .sort(CUSTOMER, "day", "reached", "session")
        .group_by(CUSTOMER, "day", maintain_order=True)
        .agg(pl.col("session").last())
        .join(purchases, on=[CUSTOMER, "day"], how="semi")
    )
    bought = pl.col("session").is_in(furthest["session"].implode())
    return sessions.with_columns(bought=bought).drop("session")


def with_first_channel(groups: pl.DataFrame, rows: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Groups with the channel of the first of their rows that has one, as the rows are in order."""
    told = rows.filter(pl.col("channel").is_not_null()).unique(keys, keep="first", maintain_order=True)
    return groups.join(told.select(*keys, "channel"), on=keys, how="left", maintain_order="left")


def _differs(name: str) -> pl.Expr:
    """Whether a value is another one than in the row before; true of the first."""
    return pl.col(name).ne_missing(pl.col(name).shift(1))
