"""Stage: result and order lines -> one small row per customer: where he belongs, how he behaved."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from whalecurve.engine.errors import InputError
from whalecurve.engine.ledger.order_free import customer_days
from whalecurve.engine.orders.audit import day_bounds
from whalecurve.engine.orders.failures import failures_named
from whalecurve.engine.orders.log import Orders, checked_lines, dimension_column, in_window
from whalecurve.engine.publication.read import Result
from whalecurve.engine.runtime.memory import hash_passes, memory_budget
from whalecurve.engine.settings import Window

LINES_PER_PASS = 10_000_000
"""Lines that are grouped by customer at once; memory, not results, depends on it."""

CAP = 10
"""A line's money counts up to this many times the mean absolute amount of a line."""

RESOLUTION = 1_048_576
"""Whole-number units of one mean absolute amount, so that sums of squares are exact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How the lines are read: settled window, passes over the customers, mean absolute amount of a line (fixed-point).

    The mean is None where lines carry no margin, or no money at all: then there is no margin rate.
    """

    orders: Orders
    window: Window
    value: str
    n_passes: int
    mean_amount: float | None

    def lines(self, dimension: str | None = None) -> pl.LazyFrame:
        """The usable lines, in fixed-point money; the dimension, if one is named, is `by`.

        Columns: customer_id, day, is_return, amount, margin (0 where there is none), value, order_id where mapped, by,
        and margin_y, margin_x: margin and amount in units, both scaled down alike where one of them is beyond the cap.
        """
        lines = checked_lines(self.orders, self.window).filter(in_window(*day_bounds(self.window)))
        columns = ["customer_id", "day", "is_return", "amount", *(["order_id"] if self.orders.has_order_id else [])]
        value = pl.col("margin" if self.value == "margin" else "amount")
        return lines.select(
            *columns,
            value=value,
            margin=pl.col("margin") if self.orders.has_margin else pl.lit(0, pl.Int64),
            **({} if dimension is None else {"by": pl.col(dimension_column(dimension))}),
            **self._capped(),
        )

    def parts(self) -> Iterator[pl.Expr | None]:
        """A condition on customers for each pass; None for all of them at once."""
        for part in range(self.n_passes):
            yield None if self.n_passes == 1 else pl.col("customer_id").hash(seed=0) % self.n_passes == part

    def _capped(self) -> dict[str, pl.Expr]:
        if self.mean_amount is None:
            return {"margin_y": pl.lit(0, pl.Int64), "margin_x": pl.lit(0, pl.Int64)}
        amount, margin = pl.col("amount").cast(pl.Float64), pl.col("margin").cast(pl.Float64)
        cap = CAP * self.mean_amount
        scale = RESOLUTION / self.mean_amount * cap / pl.max_horizontal(amount.abs(), margin.abs(), pl.lit(cap))
        return {
            "margin_y": (margin * scale).round().cast(pl.Int64),
            "margin_x": (amount * scale).round().cast(pl.Int64),
        }


def reading_of(orders: Orders, window: Window, value: str, n_lines: int, memory: int | None = None) -> Reading:
    """How the lines of a settled window are read; looks up the mean absolute amount where there is margin.

    `memory` in bytes asks for more passes over the lines, by what it leaves beside what the process holds already; None
    takes a fixed share of what is there.
    """
    mean = None
    if orders.has_margin:
        lines = checked_lines(orders, window).filter(in_window(*day_bounds(window)))
        sums = lines.select(pl.col("amount").abs().cast(pl.Int128).sum(), n=pl.len())
        with failures_named(orders):
            total, n = sums.collect(engine="streaming").row(0)
        mean = int(total) / int(n) or None
    n_passes = max(passes_for(n_lines), hash_passes(n_lines, memory_budget(memory, orders.n_rows).ledger))
    return Reading(orders=orders, window=window, value=value, n_passes=n_passes, mean_amount=mean)


def passes_for(n_lines: int) -> int:
    """Passes over the customers that keep to `LINES_PER_PASS`."""
    return max(1, -(-n_lines // LINES_PER_PASS))


def customer_table(result: Result, reading: Reading, segment: str, column: str, days: int) -> pl.DataFrame:
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
        sold_lines, returned_lines, margin_y, margin_x : Int64, sums over the customer's lines

    Raises
    ------
    InputError
        A result of other customers than the orders'.
    """
    last = day_bounds(reading.window)[1]
    first_day = pl.col("first_purchase").cast(pl.Int32)
    in_base = pl.col("n_purchase_days") > 0
    known = result.take("customer_id", "first_purchase", "n_purchase_days", "value", column).select(
        "customer_id",
        first_day=pl.when(in_base).then(first_day),
        in_base=in_base,
        in_segment=in_base & (pl.col(column) == segment).fill_null(value=False),
        is_observed=(in_base & (first_day + days <= last)).fill_null(value=False),
        is_loss=in_base & (pl.col("value") < 0.0),
    )
    customers = known.collect(engine="streaming")
    _check_ids(result, reading.orders, customers)
    parts = []
    with failures_named(reading.orders):
        for part in reading.parts():
            mine = customers if part is None else customers.filter(part)
            lines = reading.lines() if part is None else reading.lines().filter(part)
            found = pl.collect_all(
                [_totals(lines), _second_purchases(lines, reading.orders, mine, days)], engine="streaming"
            )
            totals, second = found
            joined = mine.join(totals, on="customer_id", how="full", coalesce=True)
            parts.append(joined.join(second, on="customer_id", how="left"))
    table = pl.concat(parts)
    if table["in_base"].null_count() or table["sold_lines"].null_count():
        raise InputError(f"--scores {result.path}: holds other customers than the orders; score them again")
    return table.with_columns(pl.col("has_second").fill_null(value=False))


def _totals(lines: pl.LazyFrame) -> pl.LazyFrame:
    is_return = pl.col("is_return")
    return lines.group_by("customer_id").agg(
        sold_lines=(~is_return).sum().cast(pl.Int64),
        returned_lines=is_return.sum().cast(pl.Int64),
        margin_y=pl.col("margin_y").sum(),
        margin_x=pl.col("margin_x").sum(),
    )


def _second_purchases(lines: pl.LazyFrame, orders: Orders, customers: pl.DataFrame, days: int) -> pl.LazyFrame:
    """The observed customers who bought again in time."""
    first = customers.lazy().filter("is_observed").select("customer_id", "first_day")
    since = pl.col("day") - pl.col("first_day")
    soon = lines.join(first, on="customer_id", how="inner").filter((since > 0) & (since <= days))
    bought = customer_days(soon, orders).filter(pl.col("purchase_day").is_not_null())
    return bought.group_by("customer_id").agg(has_second=pl.lit(value=True).first())


def _check_ids(result: Result, orders: Orders, customers: pl.DataFrame) -> None:
    theirs, ours = customers.schema["customer_id"], orders.mapping.roles["customer"].dtype
    if theirs != ours:
        raise InputError(
            f"--scores {result.path}: customer_id is {theirs}, in the orders it is {ours}; score them again"
        )
