"""Customers by where and when they came, counted by history: as much of them as a fit has to see."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from whalecurve.engine.customer_shares import passes_for, shares_of
from whalecurve.engine.money import UNITS
from whalecurve.engine.newcomers.settings import Cohorts
from whalecurve.engine.orders import Orders, failures_named, first_order_lines, value_of_first_order
from whalecurve.engine.publication import CUSTOMER, Result
from whalecurve.engine.settings import ObservedWindow

HISTORY = ["frequency", "recency", "T"]
KEYS = ["by", "value", *HISTORY]
ALL, COHORT = "all", "cohort"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Sums over customers with the same history, by group.

    table : by ("all", "cohort" or a dimension), value (null for all, and for customers without one value), frequency,
        recency, T, n, first (what first purchases brought, fixed-point), means (sum of monetary values of repeat
        customers, fixed-point)
    n_several : customers whose first order has several values of a dimension, by dimension; they are with null
    """

    table: pl.DataFrame
    n_several: dict[str, int]


def cells_of(
    result: Result, orders: Orders | None, window: ObservedWindow, by: Sequence[str], cohorts: Cohorts | None
) -> Cells:
    """Read the customers of a result once, and, for dimensions, their first orders, a share at a time."""
    x, m = pl.col("frequency").cast(pl.Float64), pl.col("monetary_value").fill_null(0.0)
    customers = result.take(CUSTOMER, "first_purchase", *HISTORY, "monetary_value", "value").filter(
        pl.col("frequency").is_not_null()
    )
    bought = customers.select(
        CUSTOMER,
        *HISTORY,
        first_day=pl.col("first_purchase").to_physical().cast(pl.Int32),
        first_purchase="first_purchase",
        first=((pl.col("value") - x * m) * UNITS).round().cast(pl.Int64),
        means=(pl.when(x > 0.0).then(m).otherwise(0.0) * UNITS).round().cast(pl.Int64),
    )
    tables = [_counted(bought, ALL, pl.lit(None, dtype=pl.String))]
    if cohorts is not None:
        tables.append(_counted(bought, COHORT, _named(pl.col("first_purchase"), cohorts)))
    n_several = dict.fromkeys(by, 0)
    if orders is not None and by:
        for share in shares_of(passes_for(int(result.manifest["rows"]["used"]))):
            mine = share.of(bought).collect(engine="streaming")
            with failures_named(orders):
                lines = first_order_lines(orders, window, mine.lazy().select(CUSTOMER, "first_day"), list(by))
            for name in by:
                origins = value_of_first_order(lines, orders, name).rename({"value": "own"})
                n_several[name] += origins.filter(pl.col("n_values") > 1).height
                tables.append(_counted(mine.join(origins, on=CUSTOMER, how="left").lazy(), name, pl.col("own")))
    table = pl.concat(tables).group_by(KEYS).agg(pl.col("n", "first", "means").sum())
    return Cells(table=table.sort(KEYS, nulls_last=True), n_several=n_several)


def _counted(customers: pl.LazyFrame, by: str, value: pl.Expr) -> pl.DataFrame:
    return (
        customers.select(*HISTORY, "first", "means", by=pl.lit(by), value=value)
        .group_by(KEYS)
        .agg(n=pl.len().cast(pl.Int64), first=pl.col("first").sum(), means=pl.col("means").sum())
        .collect(engine="streaming")
    )


def _named(day: pl.Expr, cohorts: Cohorts) -> pl.Expr:
    """2025-03, 2025-Q1 or 2025."""
    year = day.dt.year().cast(pl.String)
    if cohorts == "quarter":
        return year + pl.lit("-Q") + day.dt.quarter().cast(pl.String)
    return day.dt.strftime("%Y-%m") if cohorts == "month" else year
