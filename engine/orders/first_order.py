"""The first order of each customer, and the values that it carries."""

from collections.abc import Sequence

import polars as pl

from whalecurve.engine.orders.line_checks import observed_lines
from whalecurve.engine.orders.log import Orders, dimension_column
from whalecurve.engine.settings import ObservedWindow


def first_orders(
    orders: Orders, window: ObservedWindow, customers: pl.LazyFrame, dimensions: Sequence[str] = ()
) -> pl.LazyFrame:
    """The first order of customers, in no particular order of rows.

    It is that of the sale line with the least (time, order id) on the first purchase day, lines without id last;
    without order ids, the sale lines of that time. Where its lines of that time have several values of a dimension, the
    least one counts, and null only where there is no other; so the order of rows and files makes no difference. Times
    are compared as they stand: to the day where the column is a date.

    Parameters
    ----------
    customers
        customer_id and first_day (Int32, days since 1970); no row with a null day.
    dimensions
        Those of the order log that are asked for.

    Returns
    -------
    One row per customer: customer_id, order_id where mapped, and a column `dim:...` each
    """
    columns = [dimension_column(name) for name in dimensions]
    order = ["order_id"] if orders.has_order_id else []
    lines = observed_lines(orders, window, times=True).filter(~pl.col("is_return"))
    mine = lines.select("customer_id", "day", "time", *order, *columns).join(
        customers.select("customer_id", day="first_day"), on=["customer_id", "day"], how="inner"
    )
    by_order = mine.group_by("customer_id", "time", *order).agg(pl.col(columns).min())
    in_time = by_order.sort("customer_id", "time", *order, nulls_last=True)
    first = in_time.unique("customer_id", keep="first", maintain_order=True)
    return first.select("customer_id", *order, *columns)
