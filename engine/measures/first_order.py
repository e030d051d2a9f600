"""Stickiness of new customers by any dimension of their first order: campaign, channel, product, city."""

from itertools import product

import polars as pl

from whalecurve.engine.measures.groups import with_shares
from whalecurve.engine.measures.settings import ALL, MeasureSettings
from whalecurve.engine.orders import Orders, checked_lines, day_bounds, dimension_column, failures_named, in_window
from whalecurve.engine.settings import Window


def stickiness_by(
    orders: Orders, window: Window, settings: MeasureSettings, customers: pl.LazyFrame, n_passes: int = 1
) -> pl.DataFrame:
    """New customers who came back, by each dimension that the orders carry.

    The first order is that of the sale line with the least (time, order id) on the first purchase day; without order
    ids, the sale lines of that time. Where its lines have several values of a dimension, the least one counts, and
    null only where there is no other; so the order of rows and files makes no difference. Times are compared as they
    stand: to the day where the column is a date.

    Parameters
    ----------
    orders
        Opened with the dimensions.
    customers
        customer_id, first_day and second_day (Int32, days since 1970; null where there is none), and a column of group
        names for each scheme of the settings that is wanted: one row each.
    n_passes
        Shares of the customers that are worked on one after the other; memory, not results, depends on it.

    Returns
    -------
    DataFrame
        The columns of `stickiness_table`, `by` being the dimension, `value` in words; a row for each value, and one for
        null where there is none. Sorted by scheme, group, dimension and value.
    """
    columns = customers.collect_schema().names()
    schemes = [scheme for scheme, _ in settings.schemes if scheme in columns]
    first = customers.select("customer_id", "first_day", "second_day", *schemes).drop_nulls("first_day")
    counted = []
    for share in range(n_passes):
        mine = None if n_passes == 1 else pl.col("customer_id").hash(seed=0) % n_passes == share
        counted += _counted(orders, window, settings, schemes, first if mine is None else first.filter(mine))
    keys = ["scheme", "group", "by", "value"]
    table = pl.concat(counted).group_by(keys).agg(pl.col("new", "observed", "back").sum())
    rows = {key: at for at, key in enumerate(settings.rows)}
    dimensions = {name: at for at, name in enumerate(orders.dimensions)}
    places = pl.Series(
        [rows[scheme, group] for scheme, group in table.select("scheme", "group").rows()], dtype=pl.Int32
    )
    by = pl.col("by").replace_strict(dimensions, return_dtype=pl.Int32)
    in_order = table.with_columns(place=places).sort("place", by, "value", nulls_last=True).drop("place")
    return with_shares(in_order, settings.level)


def _counted(
    orders: Orders, window: Window, settings: MeasureSettings, schemes: list[str], customers: pl.LazyFrame
) -> list[pl.DataFrame]:
    """Customers by the values of each dimension: scheme, group, by, value, new, observed, back."""
    is_observed = pl.col("first_day") + settings.soon_days <= settings.last_day
    is_back = (pl.col("second_day") - pl.col("first_day") <= settings.soon_days).fill_null(value=False)
    values = first_values(orders, window, customers)
    tables = []
    for dimension, scheme in product(orders.dimensions, (ALL, *schemes)):
        group = pl.lit(ALL, pl.String) if scheme == ALL else pl.col(scheme).cast(pl.String)
        counts = values.group_by(group=group, value=pl.col(dimension_column(dimension)).cast(pl.String)).agg(
            new=pl.len().cast(pl.Int64),
            observed=is_observed.sum().cast(pl.Int64),
            back=(is_observed & is_back).sum().cast(pl.Int64),
        )
        tables.append(
            counts.select(
                pl.lit(scheme).alias("scheme"),
                "group",
                pl.lit(dimension).alias("by"),
                "value",
                "new",
                "observed",
                "back",
            )
        )
    with failures_named(orders):
        return pl.collect_all(tables, engine="streaming")


def first_values(orders: Orders, window: Window, customers: pl.LazyFrame) -> pl.LazyFrame:
    """The customers with the values of their first order, one column `dim:...` each."""
    dimensions = [dimension_column(name) for name in orders.dimensions]
    order = ["order_id"] if orders.has_order_id else []
    lines = checked_lines(orders, window, places=True).filter(in_window(*day_bounds(window)), ~pl.col("is_return"))
    columns = ["customer_id", "day", "time", *order, *dimensions]
    mine = lines.select(columns).join(
        customers.select("customer_id", day="first_day"), on=["customer_id", "day"], how="inner"
    )
    by_order = mine.group_by("customer_id", "time", *order).agg(pl.col(dimensions).min())
    in_time = by_order.sort("customer_id", "time", *order, nulls_last=True)
    first = in_time.unique("customer_id", keep="first", maintain_order=True).select("customer_id", *dimensions)
    return customers.join(first, on="customer_id", how="left")
