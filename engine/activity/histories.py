"""What was known of customers at the end of a day: their purchases, and what they did since the last one."""

import polars as pl

from whalecurve.engine.publication import CUSTOMER

FEATURES = ("days_quiet", "recent_days_active", "has_cart")
"""What a customer did since the last purchase: days without any activity by now, the purchase itself being one; recent
days with some; whether something was put into a cart."""


def histories_at(
    at: int, active_days: pl.DataFrame, cart_days: pl.DataFrame, purchases: pl.DataFrame, recent_days: int
) -> pl.DataFrame:
    """One row per customer who had bought by the end of day `at`, in order of the ids; what came later has no part.

    Parameters
    ----------
    active_days, cart_days, purchases
        customer_id and day (Int32): days with any activity, with something put into a cart, and with a purchase; each
        day once.

    Returns
    -------
    polars.DataFrame
        customer_id, x, t_x, T (days; Int64), since (days since the last purchase), is_active (any activity since), and
        `FEATURES`
    """
    day = pl.col("day")
    known = (
        purchases.filter(day <= at)
        .group_by(CUSTOMER)
        .agg(first=day.min(), last=day.max(), x=pl.len().cast(pl.Int64) - 1)
        .sort(CUSTOMER)
    )
    last = known.select(CUSTOMER, "last")
    after = (day > pl.col("last")) & (day <= at)
    active = (
        active_days.join(last, on=CUSTOMER)
        .filter(after)
        .group_by(CUSTOMER)
        .agg(acted=day.max(), recent=(day > at - recent_days).sum().cast(pl.Int64))
    )
    carts = cart_days.join(last, on=CUSTOMER).filter(after).select(CUSTOMER, has_cart=1).unique()
    joined = known.join(active, on=CUSTOMER, how="left", maintain_order="left").join(
        carts, on=CUSTOMER, how="left", maintain_order="left"
    )
    return joined.select(
        CUSTOMER,
        "x",
        t_x=(pl.col("last") - pl.col("first")).cast(pl.Int64),
        T=(at - pl.col("first")).cast(pl.Int64),
        since=(at - pl.col("last")).cast(pl.Int64),
        is_active=pl.col("acted").is_not_null(),
        days_quiet=(at - pl.coalesce("acted", "last")).cast(pl.Int64),
        recent_days_active=pl.col("recent").fill_null(0),
        has_cart=pl.col("has_cart").fill_null(0).cast(pl.Int64),
    )


def bought_within(first: int, last: int, purchases: pl.DataFrame) -> pl.DataFrame:
    """The customers who bought from one day to another, both included, each once: customer_id, has_bought."""
    within = purchases.filter(pl.col("day").is_between(first, last))
    return within.select(CUSTOMER).unique().with_columns(has_bought=pl.lit(value=True))
