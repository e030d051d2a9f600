"""Stage: order lines -> what each customer did, a share of the customers at a time."""

from dataclasses import dataclass

import polars as pl

from whalecurve.engine.customer_shares import Share
from whalecurve.engine.habits.settings import HabitSettings
from whalecurve.engine.habits.usual import CUSTOMER, TIMES, VALUE
from whalecurve.engine.mapping import is_missing
from whalecurve.engine.money import UNITS
from whalecurve.engine.orders import Orders, as_text, dimension_column, observed_lines
from whalecurve.engine.settings import ObservedWindow

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FACETS = ("weekday", "hour", "favourite", "discounted", "returned")
"""What customers are told apart by."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Done:
    """What the customers of a share did.

    days : customer_id, product (""), day, in order: the days with a purchase
    facets : by name, customer_id, value, times: orders by weekday and by hour, orders that have a kind of product,
        lines sold by whether they are discounted, by whether they came back; without those that the log does not tell
    totals : customer_id, n_orders, basket_lines, basket_value (means an order), discount_share (of what was spent)
    has_hours : whether an order came at another time than midnight
    """

    days: pl.DataFrame
    facets: dict[str, pl.DataFrame]
    totals: pl.DataFrame
    has_hours: bool


def done_by(log: Orders, window: ObservedWindow, asked: HabitSettings, share: Share) -> Done:
    """Read the lines of a share of the customers."""
    lines = _lines(log, window, asked, share).collect(engine="streaming")
    sold = lines.filter(~pl.col("is_return"))
    alone = pl.when(pl.col("order").is_null()).then("day").alias("alone")
    same: list[str | pl.Expr] = [CUSTOMER, "order", alone]
    orders = sold.group_by(same).agg(
        day=pl.col("day").min(),
        clock=pl.col("clock").min(),
        value=pl.col("amount").sum(),
        lines=pl.len().cast(pl.Int64),
    )
    facets = {
        "weekday": _counted(orders, (pl.col("day") + 3) % 7),  # 1970-01-01 was a Thursday
        "hour": _counted(orders.drop_nulls("clock"), pl.col("clock") // 60),
    }
    if asked.by is not None:
        kinds = sold.drop_nulls("kind").select(*same, "kind").unique()
        facets["favourite"] = _counted(kinds, pl.col("kind"))
    if asked.discounted is not None:
        facets["discounted"] = _counted(sold, pl.col("is_discounted"))
    facets["returned"] = _returned(lines)
    spent = sold.group_by(CUSTOMER).agg(
        spent=pl.col("amount").sum(), saved=pl.col("amount").filter("is_discounted").sum()
    )
    totals = orders.group_by(CUSTOMER).agg(
        n_orders=pl.len().cast(pl.Int64),
        basket_lines=pl.col("lines").sum() / pl.len(),
        basket_value=pl.col("value").sum() / pl.len() / UNITS,
    )
    dependence = pl.when(pl.lit(asked.discounted is not None) & (pl.col("spent") > 0)).then(
        pl.col("saved") / pl.col("spent")
    )
    totals = totals.join(spent, on=CUSTOMER, how="left").with_columns(discount_share=dependence).drop("spent", "saved")
    days = orders.select(CUSTOMER, pl.lit("").alias("product"), "day").unique().sort(CUSTOMER, "day")
    has_hours = bool((orders["clock"].fill_null(0) != 0).any())
    return Done(days=days, facets=facets, totals=totals, has_hours=has_hours)


def _lines(log: Orders, window: ObservedWindow, asked: HabitSettings, share: Share) -> pl.LazyFrame:
    time = log.mapping.roles["time"].dtype
    has_clock = isinstance(time, pl.Datetime)
    lines = observed_lines(log, window, share, times=has_clock)
    schema = lines.collect_schema()
    clock = pl.lit(None, dtype=pl.Int16)
    if has_clock:
        at = pl.col("time")
        if isinstance(time, pl.Datetime) and time.time_zone is not None and window.timezone is not None:
            at = at.dt.convert_time_zone(window.timezone)
        clock = at.dt.hour().cast(pl.Int16) * 60 + at.dt.minute().cast(pl.Int16)
    order = pl.lit(None, dtype=pl.Int8)
    if log.has_order_id:
        order = pl.when(~is_missing(pl.col("order_id"), schema["order_id"])).then("order_id")
    kind, is_discounted = pl.lit(None, dtype=pl.String), pl.lit(value=False)
    if asked.by is not None:
        column = dimension_column(asked.by)
        kind = pl.when(~is_missing(pl.col(column), schema[column])).then(as_text(schema[column], column))
    if asked.discounted is not None:
        is_discounted = pl.col(dimension_column(asked.discounted)).fill_null(value=False)
    return lines.select(
        CUSTOMER, "day", "amount", "is_return", order=order, clock=clock, kind=kind, is_discounted=is_discounted
    )


def _counted(rows: pl.DataFrame, value: pl.Expr) -> pl.DataFrame:
    return rows.group_by(CUSTOMER, value.alias(VALUE)).agg(pl.len().cast(pl.Int64).alias(TIMES))


def _returned(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines sold by whether they came back: no more than were sold, whatever came back of earlier days."""
    own = lines.group_by(CUSTOMER).agg(
        sold=(~pl.col("is_return")).sum().cast(pl.Int64), back=pl.col("is_return").sum().cast(pl.Int64)
    )
    back = pl.min_horizontal("sold", "back")
    parts = [
        own.select(CUSTOMER, pl.lit(is_back).alias(VALUE), n.alias(TIMES))
        for is_back, n in ((True, back), (False, pl.col("sold") - back))
    ]
    return pl.concat(parts).filter(pl.col(TIMES) > 0)
