"""The order-free plan's days as a day log: what a run keeps of customers that the ledger could not take."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.audit import day_bounds
from whalecurve.engine.config import Window
from whalecurve.engine.day_log import DayLog, Folder, Logged
from whalecurve.engine.exact import days_of_customers, looked_back, totals_of_days
from whalecurve.engine.orders import Orders
from whalecurve.engine.runs import place_of

Int64 = NDArray[np.int64]


def order_free_log(
    orders: Orders,
    window: Window,
    folder: Folder,
    number: int,
    gaps: Int64,
    *,
    value: str,
    customers: pl.Expr | None = None,
    only: pl.DataFrame | None = None,
) -> tuple[pl.DataFrame, Logged]:
    """Totals of customers, with what they spent of late, sorted by customer, and their days, in the log `number`.

    The gaps between their purchase days are added to `gaps`.
    """
    days = days_of_customers(orders, window, customers, only).collect(engine="streaming").sort("customer_id", "day")
    totals, spent = totals_of_days(days.lazy(), orders), looked_back(days.lazy(), day_bounds(window)[1], value)
    table = totals.join(spent, on="customer_id", how="inner").collect().sort("customer_id")
    places = place_of(number, np.arange(table.height))
    _count_gaps(days, gaps)
    log = DayLog(folder, has_margin=orders.has_margin)
    log.add(_entries(days, has_margin=orders.has_margin))
    skipped = np.zeros(table.height, dtype=np.uint8)
    return table.with_columns(place=pl.Series(places)), Logged(log=log, skipped=skipped)


def _entries(days: pl.DataFrame, *, has_margin: bool) -> Int64:
    """Entries as the ledger writes them, of days sorted by customer, who are numbered in that order."""
    running = pl.col("margin").cum_sum().over("customer_id") if has_margin else pl.lit(0, pl.Int64)
    row, day = pl.col("customer_id").rle_id().cast(pl.Int64), pl.col("day").cast(pl.Int64)
    is_purchase = pl.col("purchase_day").is_not_null().cast(pl.Int64)
    entries = days.select(row * 2**32 + day * 2 + is_purchase, "revenue", running.alias("margin"))
    return np.ascontiguousarray(entries.to_numpy())


def _count_gaps(days: pl.DataFrame, gaps: Int64) -> None:
    bought = days.filter(pl.col("purchase_day").is_not_null())
    same = bought["customer_id"] == bought["customer_id"].shift(1)
    found = bought["purchase_day"].diff().filter(same.fill_null(value=False))
    np.add.at(gaps, found.to_numpy(), 1)
