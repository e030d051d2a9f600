"""Stickiness of new customers by any dimension of their first order: campaign, channel, product, city."""

from itertools import product

import polars as pl

from whalecurve.engine.measures.groups import with_shares
from whalecurve.engine.measures.settings import ALL, MeasureSettings
from whalecurve.engine.orders import Orders, as_text, dimension_column, failures_named, first_orders, shares_of
from whalecurve.engine.settings import ObservedWindow


def stickiness_by(
    orders: Orders, window: ObservedWindow, settings: MeasureSettings, customers: pl.LazyFrame, n_passes: int = 1
) -> pl.DataFrame:
    """New customers who came back, by each dimension that the orders carry.

    What the first order is, and which of several values counts, `first_orders` says.

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
    for share in shares_of(n_passes):
        counted += _counted(orders, window, settings, schemes, share.of(first))
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
    orders: Orders, window: ObservedWindow, settings: MeasureSettings, schemes: list[str], customers: pl.LazyFrame
) -> list[pl.DataFrame]:
    """Customers by the values of each dimension: scheme, group, by, value, new, observed, back."""
    is_observed = pl.col("first_day") + settings.soon_days <= settings.last_day
    is_back = (pl.col("second_day") - pl.col("first_day") <= settings.soon_days).fill_null(value=False)
    first = first_orders(orders, window, customers, orders.dimensions)
    values = customers.join(first, on="customer_id", how="left")
    tables = []
    for dimension, scheme in product(orders.dimensions, (ALL, *schemes)):
        dtype = orders.mapping.dimensions[dimension].dtype
        group = pl.lit(ALL, pl.String) if scheme == ALL else pl.col(scheme).cast(pl.String)
        counts = values.group_by(group=group, value=as_text(dtype, dimension_column(dimension))).agg(
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
