"""The order-free plan: one row of totals per customer from one lazy query, whatever the order of the lines.

It is the fallback and the oracle of any faster way to the same rows.
"""

import polars as pl

from whalecurve.engine.orders import Orders, last_complete, observed_lines, period_of
from whalecurve.engine.settings import ObservedWindow, Period
from whalecurve.kernels.ledger import RECENT, YEAR


def customer_totals(
    orders: Orders,
    window: ObservedWindow,
    customers: pl.Expr | None = None,
    period: Period | None = None,
    only: pl.DataFrame | None = None,
) -> pl.LazyFrame:
    """Reduce the usable lines of the observed days to totals that add up exactly.

    A purchase day has at least one sale line, and no return line or a positive net amount. An order is a
    distinct id among a customer's sale lines of one day: an id that comes back on another day is another order. Sale
    lines without id count as one order a day. Without order ids the orders are the purchase days. `customers` is a
    condition on customer_id, to take only some, `only` a table with the customer_ids to take.
    With a `period`, it takes the place of the day throughout, and periods not over by `as_of` are left out.

    Returns
    -------
    One row per customer, in no particular order:

    customer_id
    first_day, last_day : Int32, first and last purchase day since 1970; null where there is none
    n_purchase_days, n_orders, n_lines, n_return_lines : Int64
    sold, returned, revenue, margin, first_day_revenue, first_day_margin : Int64, fixed-point; the margins
        where lines carry margin; `first_day_...` are net sums of the first purchase day
    """
    lines = _lines_of(orders, window, customers, only)
    if period is not None:
        lines = lines.with_columns(day=period_of(pl.col("day"), period))
        lines = lines.filter(pl.col("day") <= last_complete(window.as_of, period))
    return totals_of_days(customer_days(lines, orders), orders)


def days_of_customers(
    orders: Orders, window: ObservedWindow, customers: pl.Expr | None = None, only: pl.DataFrame | None = None
) -> pl.LazyFrame:
    """One row per customer and day with a usable line, as `customer_days` has them."""
    return customer_days(_lines_of(orders, window, customers, only), orders)


def _lines_of(
    orders: Orders, window: ObservedWindow, customers: pl.Expr | None, only: pl.DataFrame | None
) -> pl.LazyFrame:
    lines = observed_lines(orders, window)
    lines = lines if customers is None else lines.filter(customers)
    return lines if only is None else lines.join(only.lazy(), on="customer_id", how="semi")


def totals_of_days(days: pl.LazyFrame, orders: Orders) -> pl.LazyFrame:
    """Totals per customer from his days."""
    money = ["revenue", "margin"] if orders.has_margin else ["revenue"]
    return days.group_by("customer_id").agg(
        first_day=pl.col("purchase_day").min(),
        last_day=pl.col("purchase_day").max(),
        n_purchase_days=pl.col("purchase_day").count().cast(pl.Int64),
        n_orders=(pl.col("n_orders").sum() if orders.has_order_id else pl.col("purchase_day").count()).cast(pl.Int64),
        n_lines=pl.col("n_lines").sum(),
        n_return_lines=pl.col("n_return_lines").sum(),
        sold=pl.col("sold").sum(),
        returned=(pl.col("sold") - pl.col("revenue")).sum(),
        **{name: pl.col(name).sum() for name in money},
        **{f"first_day_{name}": pl.col(name).min_by("purchase_day").fill_null(0) for name in money},
    )


def customer_days(lines: pl.LazyFrame, orders: Orders) -> pl.LazyFrame:
    """One row per customer and day; `purchase_day` is null where the day is no purchase."""
    is_sale = ~pl.col("is_return")
    days = lines.group_by("customer_id", "day").agg(
        n_lines=pl.len().cast(pl.Int64),
        n_return_lines=pl.col("is_return").sum().cast(pl.Int64),
        sold=pl.col("amount").filter(is_sale).sum(),
        revenue=pl.col("amount").sum(),
        **({"margin": pl.col("margin").sum()} if orders.has_margin else {}),
        **({"n_orders": pl.col("order_id").filter(is_sale).n_unique()} if orders.has_order_id else {}),
    )
    has_sale = pl.col("n_lines") > pl.col("n_return_lines")
    is_purchase = has_sale & ((pl.col("n_return_lines") == 0) | (pl.col("revenue") > 0))
    return days.with_columns(purchase_day=pl.when(is_purchase).then(pl.col("day")))


def looked_back(days: pl.LazyFrame, as_of: int, value: str) -> pl.LazyFrame:
    """Per customer the second purchase day, and net value of the last year and of late."""
    ago, spent = as_of - pl.col("day"), pl.col(value)
    return days.group_by("customer_id").agg(
        second_day=pl.col("purchase_day").drop_nulls().sort().get(1, null_on_oob=True),
        year_value=spent.filter(ago < YEAR).sum(),
        recent_value=spent.filter(ago < RECENT).sum(),
        earlier_value=spent.filter((ago >= RECENT) & (ago < 2 * RECENT)).sum(),
    )
