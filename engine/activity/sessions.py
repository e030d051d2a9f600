"""Sessions: what a customer does on the site without a long silence, and which of them a purchase belongs to."""

import polars as pl

from whalecurve.engine.activity.slots import MINUTE
from whalecurve.engine.publication import CUSTOMER


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
    visits = slots.filter(pl.col("visits") > 0).sort(CUSTOMER, "began", "channel", nulls_last=True)
    whole = visits.group_by(CUSTOMER, "day", "slot", maintain_order=True).agg(
        pl.col("began").first(),
        pl.col("ended").max(),
        pl.col("channel").drop_nulls().first(),
        pl.col("cart", "checkout").sum(),
    )
    silence = pl.col("began") - pl.col("ended").shift(1)
    is_first = pl.col(CUSTOMER).ne_missing(pl.col(CUSTOMER).shift(1)) | (silence >= minutes * MINUTE)
    numbered = whole.with_columns(session=is_first.fill_null(value=True).cum_sum())
    sessions = numbered.group_by("session", maintain_order=True).agg(
        pl.col(CUSTOMER, "day").first(),
        pl.col("channel").drop_nulls().first(),
        cart=pl.col("cart").sum() > 0,
        checkout=pl.col("checkout").sum() > 0,
    )
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
