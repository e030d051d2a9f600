"""Stages: order lines -> sums by value of what is bought, where customers came from, and when they order."""

from dataclasses import dataclass

import polars as pl

from whalecurve.engine.orders import Reading, as_text, failures_named
from whalecurve.engine.profiling.clock import HOUR, has_clock, lines_with_clock
from whalecurve.engine.profiling.sums import sums_of

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
SEASONS = ("Dec-Feb", "Mar-May", "Jun-Aug", "Sep-Nov")
FACETS = ("season", "month", "weekday", "hour")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The columns of customers that lines are joined with, and the unit in which value is squared."""

    customers: pl.DataFrame
    unit: float


def dimension_sums(reading: Reading, asked: Asked, dimension: str) -> pl.DataFrame:
    """Sums of a dimension over the customers of the base, sorted; see `profile_sums` for the measures.

    Returns
    -------
    DataFrame
        value : as text; null for lines without one
        in_segment
        n_bought : customers with a sale line with it
        n_first, n_next : customers with one in the first order (without order ids, on the first purchase day), on the
            second purchase day
        orders_... : orders with it among the orders of a customer
        value_... : net value of its lines among that of a customer
    """
    order = ["order_id"] if reading.orders.has_order_id else []
    parts = []
    with failures_named(reading.orders):
        for share in reading.shares():
            mine = share.of(asked.customers)
            orders = (
                reading.lines(dimension, share)
                .group_by("customer_id", "by", "day", *order)
                .agg(has_sale=(~pl.col("is_return")).any(), value=pl.col("value").sum())
            )
            parts.append(_sums(orders, mine.lazy(), asked.unit).collect(engine="streaming"))
    sums = pl.concat(parts).group_by("value", "in_segment").agg(pl.exclude("value", "in_segment").sum())
    return sums.with_columns(value=as_text(sums.schema["value"])).sort("value", "in_segment", nulls_last=True)


def _sums(orders: pl.LazyFrame, customers: pl.LazyFrame, unit: float) -> pl.LazyFrame:
    has_sale, day = pl.col("has_sale"), pl.col("day")
    days = ["first_day", "second_day", *(["first_order"] if "first_order" in customers.collect_schema() else [])]
    own = orders.join(customers.select("customer_id", *days), on="customer_id", how="inner")
    is_first = day == pl.col("first_day")
    if "first_order" in days:
        is_first = is_first & pl.col("order_id").eq_missing(pl.col("first_order"))
    pairs = own.group_by("customer_id", "by").agg(
        own_orders=has_sale.sum().cast(pl.Int64),
        own_value=pl.col("value").sum(),
        is_first=(has_sale & is_first).any(),
        is_next=(has_sale & (day == pl.col("second_day"))).any(),
    )
    totals = customers.select("customer_id", "in_segment", "n_orders", "value")
    return (
        pairs.join(totals, on="customer_id", how="inner")
        .group_by("in_segment", value=pl.col("by"))
        .agg(
            n_bought=(pl.col("own_orders") > 0).sum().cast(pl.Int64),
            n_first=pl.col("is_first").sum().cast(pl.Int64),
            n_next=pl.col("is_next").sum().cast(pl.Int64),
            **sums_of("orders", pl.col("own_orders"), pl.col("n_orders")),
            **sums_of("value", pl.col("own_value"), pl.col("value"), unit),
        )
    )


def time_sums(reading: Reading, customers: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Orders by season, month, weekday and hour: value (text), in_segment, n_orders (customers), orders_....

    The hour is that of the order's first sale line; left out where times are dates, or all lie in one hour of the day.
    """
    parts: dict[str, list[pl.DataFrame]] = {facet: [] for facet in FACETS if facet != "hour" or has_clock(reading)}
    with failures_named(reading.orders):
        for share in reading.shares():
            mine = lines_with_clock(reading, share).filter(~pl.col("is_return"))
            queries = [_by_time(mine, reading, customers, facet) for facet in parts]
            for facet, table in zip(parts, pl.collect_all(queries, engine="streaming"), strict=True):
                parts[facet].append(table)
    sums = {facet: pl.concat(tables) for facet, tables in parts.items()}
    if "hour" in sums and sums["hour"]["place"].n_unique() < 2:
        del sums["hour"]
    return {facet: _named(table, facet) for facet, table in sums.items()}


def _by_time(lines: pl.LazyFrame, reading: Reading, customers: pl.DataFrame, facet: str) -> pl.LazyFrame:
    date = pl.col("day").cast(pl.Date)
    place = {
        "season": date.dt.month() % 12 // 3,
        "month": date.dt.month() - 1,
        "weekday": date.dt.weekday() - 1,
        "hour": pl.col("hour"),
    }[facet]
    order = ["order_id"] if reading.orders.has_order_id else []
    hour = {"hour": pl.col("by").min() // HOUR} if facet == "hour" else {}
    orders = lines.group_by("customer_id", "day", *order).agg(**hour)
    own = orders.group_by("customer_id", place=place.cast(pl.Int32)).agg(own=pl.len().cast(pl.Int64))
    who = customers.lazy().select("customer_id", "in_segment", "n_orders")
    joined = own.join(who, on="customer_id", how="inner").group_by("place", "in_segment")
    return joined.agg(n_orders=pl.len().cast(pl.Int64), **sums_of("orders", pl.col("own"), pl.col("n_orders")))


def _named(sums: pl.DataFrame, facet: str) -> pl.DataFrame:
    added = (
        sums.group_by("place", "in_segment").agg(pl.exclude("place", "in_segment").sum()).sort("place", "in_segment")
    )
    names = {"season": SEASONS, "month": MONTHS, "weekday": WEEKDAYS}.get(facet)
    place = pl.col("place")
    if names is None:
        value = place.cast(pl.String).str.zfill(2)
    else:
        value = pl.lit(pl.Series(names, dtype=pl.Enum(names))).gather(place)  # sorts as the calendar does
    return added.select(value.alias("value"), pl.exclude("place"))
