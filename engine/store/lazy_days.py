"""Days of customers from checked lines, as one lazy query: for what needs the days of some of them alone.

A purchase day has at least one sale line, and no return line or a positive net amount. An order is a
distinct id among a customer's sale lines of one day: an id that comes back on another day is another order. Sale
lines without id count as one order a day. Without order ids the orders are the purchase days.
"""

import polars as pl

from whalecurve.engine.orders import Orders


def customer_days(lines: pl.LazyFrame, orders: Orders) -> pl.LazyFrame:
    """One row per customer and day.

    Columns: customer_id, day, n_lines, n_return_lines, sold, revenue, margin where lines carry it, n_orders,
    `purchase_day`, which is null where the day is no purchase, and n_purchases, 1 where it is one and 0 elsewhere.
    """
    is_sale = ~pl.col("is_return")
    days = lines.group_by("customer_id", "day").agg(
        n_lines=pl.len().cast(pl.Int64),
        n_return_lines=pl.col("is_return").sum().cast(pl.Int64),
        sold=pl.col("amount").filter(is_sale).sum(),
        revenue=pl.col("amount").sum(),
        **({"margin": pl.col("margin").sum()} if orders.has_margin else {}),
        **({"n_orders": pl.col("order_id").filter(is_sale).n_unique().cast(pl.Int64)} if orders.has_order_id else {}),
    )
    has_sale = pl.col("n_lines") > pl.col("n_return_lines")
    is_purchase = has_sale & ((pl.col("n_return_lines") == 0) | (pl.col("revenue") > 0))
    counts = {"n_purchases": is_purchase.cast(pl.Int64)}
    counts |= {} if orders.has_order_id else {"n_orders": is_purchase.cast(pl.Int64)}
    return days.with_columns(purchase_day=pl.when(is_purchase).then(pl.col("day")), **counts)
