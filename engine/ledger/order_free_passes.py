"""Totals by the order-free plan, part of the customers at a time where memory asks for it."""

import numpy as np
import polars as pl

from whalecurve.engine.ledger.day_log import DayLog, Logged
from whalecurve.engine.ledger.order_free import customer_totals, days_of_customers, looked_back, totals_of_days
from whalecurve.engine.ledger.sorted_runs import TableRun, place_of
from whalecurve.engine.ledger.totals import Gathered
from whalecurve.engine.orders import Audit, day_bounds, shares_of
from whalecurve.engine.runtime import Budget, hash_passes
from whalecurve.kernels.arrays import Int64


def add_order_free(
    gathered: Gathered, audit: Audit, budget: Budget, n_lines: int, only: pl.DataFrame | None = None
) -> int:
    """Add the totals, and where days are logged the days, of all customers or `only` some; how many passes it took.

    n_lines : lines that these customers have
    only : a table of their customer_ids; None: all
    """
    n_passes = hash_passes(n_lines, budget.grouping)
    for share in shares_of(n_passes):
        mine, mine_only = share.condition, None if only is None else share.of(only)
        if gathered.value is None:
            plan = customer_totals(gathered.orders, audit.window, mine, only=mine_only)
            table = plan.collect(engine="streaming")
        else:
            table = _logged(gathered, audit, gathered.value, mine, mine_only)
        gathered.add([TableRun(table)], stays=n_passes == 1)
    return n_passes


def _logged(
    gathered: Gathered, audit: Audit, value: str, mine: pl.Expr | None, only: pl.DataFrame | None
) -> pl.DataFrame:
    """Totals of customers, with what they spent of late; their days go into a new log."""
    orders = gathered.orders
    days = days_of_customers(orders, audit.window, mine, only).collect(engine="streaming").sort("customer_id", "day")
    spent = looked_back(days.lazy(), day_bounds(audit.window)[1], value)
    table = totals_of_days(days.lazy(), orders).join(spent, on="customer_id", how="inner").collect()
    table = table.sort("customer_id")
    log = gathered.new_log()
    assert isinstance(log, DayLog), "days are logged"
    log.add(_entries(days, has_margin=orders.has_margin))
    log.settle()
    logged = Logged(log=log, skipped=np.zeros(table.height, dtype=np.uint8))
    number = gathered.add_log(logged, _gaps_in(days, gathered.new_gaps(audit)))
    return table.with_columns(place=pl.Series(place_of(number, np.arange(table.height))))


def _entries(days: pl.DataFrame, *, has_margin: bool) -> Int64:
    """Entries as the ledger writes them, of days sorted by customer, who are numbered in that order."""
    running = pl.col("margin").cum_sum().over("customer_id") if has_margin else pl.lit(0, pl.Int64)
    row, day = pl.col("customer_id").rle_id().cast(pl.Int64), pl.col("day").cast(pl.Int64)
    is_purchase = pl.col("purchase_day").is_not_null().cast(pl.Int64)
    entries = days.select(row * 2**32 + day * 2 + is_purchase, "revenue", running.alias("margin"))
    return np.ascontiguousarray(entries.to_numpy())


def _gaps_in(days: pl.DataFrame, gaps: Int64) -> Int64:
    """Gaps between purchase days, counted into `gaps`."""
    bought = days.filter(pl.col("purchase_day").is_not_null())
    same = bought["customer_id"] == bought["customer_id"].shift(1)
    found = bought["purchase_day"].diff().filter(same.fill_null(value=False))
    np.add.at(gaps, found.to_numpy(), 1)
    return gaps
