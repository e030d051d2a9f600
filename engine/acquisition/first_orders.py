"""Where each customer came from: what their first order says, and what they were worth since."""

import polars as pl

from whalecurve.engine.customer_shares import Share
from whalecurve.engine.money import UNITS
from whalecurve.engine.orders import (
    Orders,
    failures_named,
    first_order_lines,
    observed_lines,
    value_of_first_order,
)
from whalecurve.engine.publication import CUSTOMER, Result
from whalecurve.engine.settings import DAYS_PER_UNIT, ObservedWindow

FROM_ONE, FROM_NONE, FROM_SEVERAL = "one", "none", "several"

CELLS = ("origin", "value", "month")
"""What customers are counted by: how many values their first order has, the value, and the month of it."""


def customers_of(result: Result, orders: Orders, window: ObservedWindow, by: str, share: Share) -> pl.DataFrame:
    """New customers of a share: customer_id, first_day, origin, value, month, earned, clv (fixed-point, null for none).

    A customer whose first order has several values belongs to none of them: `origin` says so.
    """
    mine = share.of(
        result.take(CUSTOMER, "first_purchase", "value", "clv")
        .filter(pl.col("first_purchase").is_not_null())
        .select(
            CUSTOMER,
            first_day=pl.col("first_purchase").to_physical().cast(pl.Int32),
            month=pl.col("first_purchase").dt.truncate("1mo"),
            earned=(pl.col("value") * UNITS).round().cast(pl.Int64),
            clv=(pl.col("clv") * UNITS).round().cast(pl.Int64),
        )
    ).collect(engine="streaming")
    with failures_named(orders):
        lines = first_order_lines(orders, window, mine.lazy().select(CUSTOMER, "first_day"), [by])
    origins = value_of_first_order(lines, orders, by)
    n = pl.col("n_values").fill_null(0)
    origin = pl.when(n == 1).then(pl.lit(FROM_ONE)).when(n == 0).then(pl.lit(FROM_NONE)).otherwise(pl.lit(FROM_SEVERAL))
    return mine.join(origins, on=CUSTOMER, how="left").select(
        CUSTOMER,
        "first_day",
        "month",
        "earned",
        "clv",
        origin=origin,
        value="value",
    )


def totals_of(customers: pl.DataFrame) -> pl.DataFrame:
    """Sums by cell: customers, earned so far, clv, and squares of what both make, in currency."""
    worth = (pl.col("earned") + pl.col("clv").fill_null(0)).cast(pl.Int128)
    return customers.group_by(CELLS).agg(
        customers=pl.len().cast(pl.Int64),
        earned=pl.col("earned").cast(pl.Int128).sum(),
        clv=pl.when(pl.col("clv").count() > 0).then(pl.col("clv").cast(pl.Int128).sum()),
        squares=(worth * worth).sum(),
    )


def earnings_of(
    orders: Orders, window: ObservedWindow, customers: pl.DataFrame, value: str, share: Share
) -> pl.DataFrame:
    """What customers with one origin earned by month of age, so that running sums over ages are sums of the earned.

    Parameters
    ----------
    customers
        As `customers_of` has them.
    value
        "margin" or "revenue".

    Returns
    -------
    value, month, age (0 for the first month from the first purchase), earned (Int128, fixed-point), squares (Int128):
        what is added, in that month of age, to the sum over customers of all that each has earned, and to the sum of
        its squares
    """
    per_month = DAYS_PER_UNIT["month"]
    own = customers.filter(origin=FROM_ONE).select(CUSTOMER, "first_day", "value", "month")
    money = pl.col("margin" if value == "margin" else "amount")
    lines = observed_lines(orders, window, share).select(CUSTOMER, "day", money=money)
    age = ((pl.col("day") - pl.col("first_day")) / per_month).floor().cast(pl.Int32).clip(lower_bound=0)
    with failures_named(orders):
        by_age = (
            lines.join(own.lazy(), on=CUSTOMER, how="inner")
            .group_by(CUSTOMER, "value", "month", age=age)
            .agg(pl.col("money").sum())
            .collect(engine="streaming")
        )
    so_far = pl.col("money").cum_sum().over(CUSTOMER, order_by="age").cast(pl.Int128)
    before = so_far - pl.col("money")
    return (
        by_age.with_columns(added=so_far * so_far - before * before)
        .group_by("value", "month", "age")
        .agg(earned=pl.col("money").cast(pl.Int128).sum(), squares=pl.col("added").sum())
    )
