"""Stage: order lines -> one row per member of a dimension: its lines, its customers, its money.

A member is a customer, a product, a brand, a city: one value of a column or an expression. Null is a member too.
"""

from dataclasses import replace

import polars as pl

from whalecurve.engine.customer_shares import shares_of
from whalecurve.engine.money import to_currency
from whalecurve.engine.orders import Orders, dimension_column, failures_named, observed_lines
from whalecurve.engine.rfm import rfm_thresholds, with_rfm
from whalecurve.engine.runtime import Budget
from whalecurve.engine.schemes import load_scheme
from whalecurve.engine.segments import with_rfm_segment
from whalecurve.engine.settings import ObservedWindow
from whalecurve.engine.store import collect_summary

SCHEME = "standard"


def with_guests(orders: Orders) -> Orders:
    """The same orders, with lines that name no customer among the usable ones."""
    return replace(orders, guests=True)


def customer_members(orders: Orders, window: ObservedWindow, value: str, budget: Budget) -> pl.DataFrame:
    """One row per customer, in the columns of `dimension_members`, with n_purchase_days and rfm_segment.

    The segment is that of the standard scheme; null for customers without a purchase. `budget` is for the way
    there.
    """
    summary = collect_summary(orders, window, value, budget)
    scored = with_rfm(summary.lazy(), rfm_thresholds(summary))
    segmented = with_rfm_segment(scored, load_scheme(SCHEME))
    return segmented.select(
        pl.col("customer_id").alias("member"),
        "n_lines",
        n_lines_without_customer=pl.lit(0, pl.UInt32),
        n_customers=pl.lit(1, pl.UInt32),
        n_purchase_days="n_purchase_days",
        rfm_segment="rfm_segment",
        **{name: pl.col(name) for name in (*_money(orders), "value")},
    ).collect(engine="streaming")


def dimension_members(
    orders: Orders, dimension: str, window: ObservedWindow, value: str, n_passes: int
) -> pl.DataFrame:
    """One row per member of a dimension that the lines carry, in no particular order.

    Sums are exact and net of returns. Each pass takes the lines of a part of the customers, so that distinct
    customers add up.

    Returns
    -------
    DataFrame
        member (of the dimension's type), n_lines, n_lines_without_customer, n_customers (distinct; a line without
        customer has none), revenue, margin where lines carry it, value

    Raises
    ------
    InputError
        A file that has become unreadable since the audit.
    """
    sources = {name: "amount" if name == "revenue" else name for name in _money(orders)}
    is_guest = pl.col("customer_id").is_null()
    parts = []
    with failures_named(orders):
        for share in shares_of(n_passes):
            sums = (
                observed_lines(orders, window, share)
                .group_by(pl.col(dimension_column(dimension)).alias("member"))
                .agg(
                    n_lines=pl.len(),
                    n_lines_without_customer=is_guest.sum(),
                    n_customers=pl.col("customer_id").n_unique() - is_guest.any(),
                    **{name: pl.col(source).cast(pl.Int128).sum() for name, source in sources.items()},
                )
            )
            parts.append(sums.collect(engine="streaming"))
    counts = ("n_lines", "n_lines_without_customer", "n_customers")
    totals = pl.concat(parts).group_by("member").agg(pl.exclude("member").sum())
    money = {name: to_currency(pl.col(name)) for name in sources}
    return totals.select("member", *(pl.col(name).cast(pl.UInt32) for name in counts), **money, value=money[value])


def _money(orders: Orders) -> tuple[str, ...]:
    return ("revenue", "margin") if orders.has_margin else ("revenue",)
