"""The first order of each customer, and the values that its lines carry."""

from collections.abc import Sequence

import polars as pl

from whalecurve.engine.orders.line_checks import observed_lines
from whalecurve.engine.orders.lines_by_share import as_text
from whalecurve.engine.orders.log import Orders, dimension_column
from whalecurve.engine.settings import ObservedWindow


def first_orders(orders: Orders, window: ObservedWindow, customers: pl.LazyFrame) -> pl.LazyFrame:
    """The id of the first order of customers, in no particular order of rows.

    It is that of the sale line with the least (time, order id) on the first purchase day, lines without id last, so
    that the order of rows and files makes no difference. Times are compared as they stand: to the day where the column
    is a date.

    Parameters
    ----------
    orders
        With order ids.
    customers
        customer_id and first_day (Int32, days since 1970); no row with a null day.

    Returns
    -------
    One row per customer: customer_id, order_id
    """
    return _first(_of_first_day(orders, window, customers, []))


def first_order_lines(
    orders: Orders, window: ObservedWindow, customers: pl.LazyFrame, dimensions: Sequence[str]
) -> pl.DataFrame:
    """What is on the first order of customers: all its sale lines on the first purchase day, equal ones once.

    Without order ids, those are the sale lines of that day. In no particular order of rows.

    Parameters
    ----------
    orders, customers
        See `first_orders`; with the dimensions, and order ids or not.

    Returns
    -------
    customer_id and a column `dim:...` each; no row of customers without a sale line on the day
    """
    columns = [dimension_column(name) for name in dimensions]
    lines = _of_first_day(orders, window, customers, columns)
    if not orders.has_order_id:
        return lines.select("customer_id", *columns).unique().collect(engine="streaming")
    found = lines.group_by("customer_id", "order_id", *columns).agg(pl.col("time").min()).collect(engine="streaming")
    first = _first(found.lazy()).collect()
    mine = found.join(first, on=["customer_id", "order_id"], how="semi", nulls_equal=True)
    return mine.select("customer_id", *columns)


def value_of_first_order(lines: pl.DataFrame, orders: Orders, dimension: str) -> pl.DataFrame:
    """The one value of a dimension that the first order of a customer names.

    lines : as `first_order_lines` gives them

    Returns
    -------
    customer_id; n_values (how many different ones there are); value (text; null where there are several). No row of
    customers without any.
    """
    text = as_text(orders.mapping.dimensions[dimension].dtype, dimension_column(dimension))
    values = lines.select("customer_id", value=text).drop_nulls().unique().group_by("customer_id")
    return values.agg(n_values=pl.len(), value=pl.when(pl.len() == 1).then(pl.col("value").min()))


def _of_first_day(
    orders: Orders, window: ObservedWindow, customers: pl.LazyFrame, columns: Sequence[str]
) -> pl.LazyFrame:
    """The sale lines of the first purchase day."""
    order = ["order_id"] if orders.has_order_id else []
    lines = observed_lines(orders, window, times=True).filter(~pl.col("is_return"))
    return lines.select("customer_id", "day", "time", *order, *columns).join(
        customers.select("customer_id", day="first_day"), on=["customer_id", "day"], how="inner"
    )


def _first(lines: pl.LazyFrame) -> pl.LazyFrame:
    by_order = lines.group_by("customer_id", "time", "order_id").agg()
    in_time = by_order.sort("customer_id", "time", "order_id", nulls_last=True)
    return in_time.unique("customer_id", keep="first", maintain_order=True).select("customer_id", "order_id")
