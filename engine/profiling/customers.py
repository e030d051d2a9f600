"""Stage: order lines -> one small row per customer of the base: first and last purchase days, orders, value."""

from dataclasses import dataclass

import polars as pl

from whalecurve.engine.errors import InputError
from whalecurve.engine.orders import Reading, day_number, failures_named, first_orders
from whalecurve.engine.profiling.gaps import Gaps, gaps_of
from whalecurve.engine.publication import Result
from whalecurve.engine.store import customer_days


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The customers with a purchase day.

    customers : one row each: customer_id, in_segment; first_day, second_day, last_day (purchase days, Int32 since 1970;
        null where there is none), n_days, n_gaps, n_orders, value (Int64, fixed-point); with order ids first_order
    """

    customers: pl.DataFrame
    gaps: Gaps

    @property
    def sizes(self) -> tuple[int, int]:
        """Customers in the segment, and in the base."""
        return int(self.customers["in_segment"].sum()), self.customers.height


def base_of(result: Result, reading: Reading, members: pl.DataFrame) -> Base:
    """Read the days of every customer of the base, in as many passes as the reading has.

    An order is a distinct order id among a customer's sale lines of one day, or, without order ids, a day with a sale
    line.

    Raises
    ------
    InputError
        A result of other customers than the orders'.
    """
    reading.check_ids(members.schema["customer_id"], str(result.path))
    side = members.select("customer_id", "in_segment")
    parts: list[pl.DataFrame] = []
    gaps: Gaps | None = None
    with failures_named(reading.orders):
        for share in reading.shares():
            mine = share.of(side)
            totals, days = pl.collect_all(_queries(reading.lines(share=share), reading, mine), engine="streaming")
            days = days.sort("customer_id", "day")
            customers = mine.join(_with_days(totals, days), on="customer_id", how="left")
            parts.append(_with_first_order(customers, reading) if reading.orders.has_order_id else customers)
            gaps_of_share = gaps_of(days, mine, day_number(result.as_of))
            gaps = gaps_of_share if gaps is None else gaps + gaps_of_share
    customers = pl.concat(parts).sort("customer_id")
    if customers["n_orders"].null_count():
        raise InputError(f"{result.path}: holds other customers than the orders; score them again")
    assert gaps is not None, "there is at least one pass"
    return Base(customers=customers, gaps=gaps)


def _queries(lines: pl.LazyFrame, reading: Reading, mine: pl.DataFrame) -> list[pl.LazyFrame]:
    """Totals of each customer; the purchase days."""
    days = customer_days(lines, reading.orders).join(mine.lazy(), on="customer_id", how="semi")
    has_sale = pl.col("n_lines") > pl.col("n_return_lines")
    n_orders = pl.col("n_orders") if reading.orders.has_order_id else has_sale
    money = "margin" if reading.value == "margin" else "revenue"
    totals = days.group_by("customer_id").agg(n_orders=n_orders.cast(pl.Int64).sum(), value=pl.col(money).sum())
    bought = days.filter(pl.col("purchase_day").is_not_null()).select("customer_id", day="purchase_day")
    return [totals, bought]


def _with_days(totals: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Add first, second and last purchase day, and how many there are."""
    day = pl.col("day")
    by_customer = days.group_by("customer_id", maintain_order=True).agg(
        first_day=day.first(), second_day=day.get(1, null_on_oob=True), last_day=day.last(), n_days=pl.len()
    )
    joined = totals.join(by_customer, on="customer_id", how="left")
    return joined.with_columns(
        n_days=pl.col("n_days").fill_null(0).cast(pl.Int64), n_gaps=(pl.col("n_days").fill_null(1).cast(pl.Int64) - 1)
    )


def _with_first_order(customers: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """Add the id of the first order."""
    known = customers.lazy().select("customer_id", "first_day").drop_nulls()
    first = first_orders(reading.orders, reading.window, known).rename({"order_id": "first_order"})
    return customers.join(first.collect(engine="streaming"), on="customer_id", how="left")
