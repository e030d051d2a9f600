"""Stage: result and order lines -> one small row per customer: segment and behaviour."""

import polars as pl

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.explanation.values import IN_UNITS
from whalecurve.engine.orders import Orders, Reading, day_bounds, failures_named
from whalecurve.engine.publication import Result
from whalecurve.engine.store import customer_days


def customer_behaviour(result: Result, reading: Reading, segment: str, column: str, days: int) -> pl.DataFrame:
    """One row per customer of the result.

    Returns
    -------
    DataFrame
        customer_id
        first_day : Int32, first purchase day since 1970; null where there is none
        in_base : has a purchase day
        in_segment : is in the segment
        is_observed : has been observed for `days` days after the first purchase day
        has_second : is observed and has another purchase day within them, the last one included
        is_loss : in the base, with a negative value
        sold_lines, returned_lines, margin_y, margin_x, robust_y, robust_x : Int64, sums over the customer's lines

    Raises
    ------
    InputError
        A result of other customers than the orders'.
    """
    last = day_bounds(reading.window)[1]
    first_day = pl.col("first_purchase").cast(pl.Int32)
    in_base = pl.col("n_purchase_days") > 0
    behaviour = result.take("customer_id", "first_purchase", "n_purchase_days", "value", column).select(
        "customer_id",
        first_day=pl.when(in_base).then(first_day),
        in_base=in_base,
        in_segment=in_base & (pl.col(column) == segment).fill_null(value=False),
        is_observed=(in_base & (first_day + days <= last)).fill_null(value=False),
        is_loss=in_base & (pl.col("value") < 0.0),
    )
    customers = behaviour.collect(engine="streaming")
    reading.check_ids(customers.schema["customer_id"], setting("scores", result.path))
    parts = []
    with failures_named(reading.orders):
        for share in reading.shares():
            mine, lines = share.of(customers), reading.lines(share=share)
            totals, second = pl.collect_all(
                [_totals(lines), _second_purchases(lines, reading.orders, mine, days)], engine="streaming"
            )
            joined = mine.join(totals, on="customer_id", how="full", coalesce=True)
            parts.append(joined.join(second, on="customer_id", how="left"))
    table = pl.concat(parts)
    if table["in_base"].null_count() or table["sold_lines"].null_count():
        raise InputError(f"{setting('scores', result.path)}: holds other customers than the orders; score them again")
    return table.with_columns(pl.col("has_second").fill_null(value=False))


def _totals(lines: pl.LazyFrame) -> pl.LazyFrame:
    is_return = pl.col("is_return")
    return lines.group_by("customer_id").agg(
        sold_lines=(~is_return).sum().cast(pl.Int64),
        returned_lines=is_return.sum().cast(pl.Int64),
        **{name: pl.col(name).sum() for name in IN_UNITS},
    )


def _second_purchases(lines: pl.LazyFrame, orders: Orders, customers: pl.DataFrame, days: int) -> pl.LazyFrame:
    """The observed customers who bought again in time."""
    first = customers.lazy().filter("is_observed").select("customer_id", "first_day")
    since = pl.col("day") - pl.col("first_day")
    soon = lines.join(first, on="customer_id", how="inner").filter((since > 0) & (since <= days))
    bought = customer_days(soon, orders).filter(pl.col("purchase_day").is_not_null())
    return bought.group_by("customer_id").agg(has_second=pl.lit(value=True).first())
