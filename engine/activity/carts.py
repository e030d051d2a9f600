"""Carts: what was put into them, whether they were bought in time, and whether later."""

import polars as pl

from whalecurve.engine.activity.sessions import IN_ORDER, with_first_channel
from whalecurve.engine.activity.settings import ActivitySettings
from whalecurve.engine.publication import CUSTOMER

STATES = ("bought", "abandoned", "open")


def carts_of(slots: pl.DataFrame, purchases: pl.DataFrame, as_of: int, settings: ActivitySettings) -> pl.DataFrame:
    """One row per cart, in order of the customers, and of time within each.

    What is put into a cart belongs to the cart before it, unless a purchase came between or `abandoned_days` had passed
    since anything was put in. A purchase on the day of the last thing, or within `abandoned_days` after it, is that of
    the cart; without one it is abandoned once these days have passed, and open until then. It is recovered if a
    purchase comes in the `recovered_days` that follow, and that is decided when they have passed.

    Parameters
    ----------
    slots
        As `slots_of` has them.
    purchases
        customer_id and day (Int32) of each purchase day.
    as_of
        The last day observed.

    Returns
    -------
    polars.DataFrame
        customer_id, first, last (Int32, days of the first and the last thing), channel (of the first)
        value : Int64, fixed-point; null where nothing in it has one
        state : one of `STATES`
        recovered, decided : Boolean, of abandoned ones, false of others
        taken : Int32, day of the next purchase, null without one
    """
    rows = slots.filter(pl.col("cart") > 0).sort(CUSTOMER, "day", "slot", IN_ORDER)
    days = rows.group_by(CUSTOMER, "day").agg(pl.col("valued", "value").sum())
    taken = purchases.select(CUSTOMER, taken="day").sort("taken")
    days = (
        days.sort("day")
        .join_asof(
            taken,
            left_on="day",
            right_on="taken",
            by=CUSTOMER,
            strategy="forward",
            coalesce=False,
            check_sortedness=False,
        )
        .sort(CUSTOMER, "day")
    )
    is_first = (
        pl.col(CUSTOMER).ne_missing(pl.col(CUSTOMER).shift(1))
        | pl.col("taken").ne_missing(pl.col("taken").shift(1))
        | (pl.col("day") - pl.col("day").shift(1) > settings.abandoned_days)
    )
    numbered = days.with_columns(cart=is_first.cum_sum())
    carts = numbered.group_by("cart", maintain_order=True).agg(
        pl.col(CUSTOMER, "taken").first(),
        pl.col("valued", "value").sum(),
        first=pl.col("day").first(),
        last=pl.col("day").last(),
    )
    carted = rows.select(CUSTOMER, "day", "channel").join(
        numbered.select(CUSTOMER, "day", "cart"), on=[CUSTOMER, "day"], how="left", maintain_order="left"
    )
    carts = with_first_channel(carts, carted, ["cart"])
    limit, later = settings.abandoned_days, settings.abandoned_days + settings.recovered_days
    waited, silent = (pl.col("taken") - pl.col("last")).fill_null(later + 1), as_of - pl.col("last")
    is_bought, is_over = waited <= limit, silent >= limit
    state = pl.when(is_bought).then(pl.lit("bought")).when(is_over).then(pl.lit("abandoned")).otherwise(pl.lit("open"))
    is_abandoned = ~is_bought & is_over
    return carts.select(
        CUSTOMER,
        "first",
        "last",
        "channel",
        "taken",
        value=pl.when(pl.col("valued") > 0).then("value"),
        state=state,
        recovered=is_abandoned & (waited <= later),
        decided=is_abandoned & (silent >= later),
    )
