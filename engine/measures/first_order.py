"""Stickiness of new customers by any dimension of their first order: campaign, channel, product, city."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from whalecurve.engine.customer_shares import shares_of
from whalecurve.engine.measures.groups import with_shares
from whalecurve.engine.measures.settings import ALL, MeasureSettings
from whalecurve.engine.orders import Orders, as_text, dimension_column, failures_named, first_order_lines
from whalecurve.engine.settings import ObservedWindow


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ByFirstOrder:
    """New customers who came back, by dimensions of the first order, see `stickiness_by`.

    table : the columns of `stickiness_table`, `by` being the dimension, `value` in words; a row for each value, and one
        for null where there is none. Sorted by scheme, group, dimension and value.
    values_per_order : of each dimension, how many different values there are on a first order that has one, on average;
        None where no first order has one
    """

    table: pl.DataFrame
    values_per_order: dict[str, float | None]


def stickiness_by(
    orders: Orders, window: ObservedWindow, settings: MeasureSettings, customers: pl.LazyFrame, n_passes: int = 1
) -> ByFirstOrder:
    """New customers who came back, by each dimension that the orders carry.

    What the first order is, `first_order_lines` says. A customer counts with every value that is on it, and with null
    only where there is none; so values have customers in common, and their sums are more than there are customers.

    Parameters
    ----------
    orders
        Opened with the dimensions.
    customers
        customer_id, first_day and second_day (Int32, days since 1970; null where there is none), and a column of group
        names for each scheme of the settings that is wanted: one row each.
    n_passes
        Shares of the customers that are worked on one after the other; memory, not results, depends on it.
    """
    columns = customers.collect_schema().names()
    schemes = [scheme for scheme, _ in settings.schemes if scheme in columns]
    first = customers.select("customer_id", "first_day", "second_day", *schemes).drop_nulls("first_day")
    counted: list[pl.DataFrame] = []
    memberships = [np.zeros(2, dtype=np.int64) for _ in orders.dimensions]
    for share in shares_of(n_passes):
        mine = share.of(first).collect(engine="streaming")
        with failures_named(orders):
            lines = first_order_lines(orders, window, mine.lazy(), orders.dimensions)
        for counts, dimension in zip(memberships, orders.dimensions, strict=True):
            values = _values(orders, lines, dimension)
            counts += values.height, values["customer_id"].n_unique()
            valued = mine.join(values, on="customer_id", how="left").with_columns(by=pl.lit(dimension))
            counted += [_counted(valued, settings, scheme) for scheme in (ALL, *schemes)]
    keys = ["scheme", "group", "by", "value"]
    table = pl.concat(counted).group_by(keys).agg(pl.col("new", "observed", "back").sum())
    rows = {key: at for at, key in enumerate(settings.rows)}
    dimensions = {name: at for at, name in enumerate(orders.dimensions)}
    places = pl.Series(
        [rows[scheme, group] for scheme, group in table.select("scheme", "group").rows()], dtype=pl.Int32
    )
    by = pl.col("by").replace_strict(dimensions, return_dtype=pl.Int32)
    in_order = table.with_columns(place=places).sort("place", by, "value", nulls_last=True).drop("place")
    return ByFirstOrder(
        table=with_shares(in_order, settings.level),
        values_per_order={
            dimension: int(values) / int(n) if n else None
            for dimension, (values, n) in zip(orders.dimensions, memberships, strict=True)
        },
    )


def _values(orders: Orders, lines: pl.DataFrame, dimension: str) -> pl.DataFrame:
    """One row per customer and value on the first order: customer_id, value as text; none for null."""
    text = as_text(orders.mapping.dimensions[dimension].dtype, dimension_column(dimension))
    return lines.select("customer_id", value=text).drop_nulls().unique()


def _counted(customers: pl.DataFrame, settings: MeasureSettings, scheme: str) -> pl.DataFrame:
    """Customers by value: scheme, group, by, value, new, observed, back."""
    is_observed = pl.col("first_day") + settings.soon_days <= settings.last_day
    is_back = (pl.col("second_day") - pl.col("first_day") <= settings.soon_days).fill_null(value=False)
    group = pl.lit(ALL, pl.String) if scheme == ALL else pl.col(scheme).cast(pl.String)
    return customers.group_by(pl.lit(scheme).alias("scheme"), group.alias("group"), "by", "value").agg(
        new=pl.len().cast(pl.Int64),
        observed=is_observed.sum().cast(pl.Int64),
        back=(is_observed & is_back).sum().cast(pl.Int64),
    )
