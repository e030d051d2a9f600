"""Order lines on disk -> one row per customer: whalecurve's exact plan, plain Polars and lifetimes."""

from datetime import date

import polars as pl
import pytest

from benchmarks import data, rivals
from whalecurve import engine

AS_OF = date(2025, 12, 31)
N_ORDERS = 200_000
SALES = "amount > 0"  # the rivals know nothing of returns


def by_whalecurve(path):
    orders = engine.scan_orders(path, engine.Columns(where=SALES))
    return engine.customer_summary(orders, engine.Window(as_of=AS_OF)).collect(engine="streaming")


def by_polars(path):
    day = pl.col("order_ts").dt.date()
    days = (
        pl.scan_parquet(path)
        .filter(pl.col("amount") > 0)
        .group_by("customer_id", day=day)
        .agg(pl.col("margin").sum(), pl.col("amount").sum())
    )
    first, last = pl.col("day").min(), pl.col("day").max()
    return (
        days.group_by("customer_id")
        .agg(
            frequency=pl.len() - 1,
            recency=(last - first).dt.total_days(),
            T=(pl.lit(AS_OF) - first).dt.total_days(),
            value=pl.col("margin").sum(),
            monetary_value=pl.col("margin").filter(pl.col("day") > first).mean().fill_null(0.0),
        )
        .collect(engine="streaming")
    )


def by_lifetimes(path):
    return rivals.summary(path, AS_OF)


CONTESTANTS = {"whalecurve": by_whalecurve, "polars, two levels": by_polars, "lifetimes": by_lifetimes}
COLUMNS = ["frequency", "recency", "T", "monetary_value"]


def test_contestants_agree(folder):
    path = data.orders(folder, N_ORDERS)
    ours = by_whalecurve(path).sort("customer_id").select(pl.col(COLUMNS).cast(pl.Float64))
    plain = by_polars(path).sort("customer_id").select(pl.col(COLUMNS).cast(pl.Float64))
    theirs = pl.DataFrame(by_lifetimes(path).sort_index()[COLUMNS].to_numpy(), schema=COLUMNS)
    for other in (plain, theirs):
        assert other.height == ours.height
        for column in COLUMNS:  # sums of floats differ in their last digits from sums of whole units
            assert (ours[column] - other[column]).abs().max() < 1e-9, column


@pytest.mark.parametrize("name", CONTESTANTS)
def test_summary(timed, folder, name):
    path = data.orders(folder, N_ORDERS)
    timed(f"summary, {N_ORDERS:.0e} order lines", name, lambda: CONTESTANTS[name](path), rounds=3)


@pytest.mark.parametrize("name", ["whalecurve", "polars, two levels"])
def test_summary_of_five_million_lines(timed, folder, name):
    path = data.orders(folder, 5_000_000)
    timed("summary, 5e+06 order lines", name, lambda: CONTESTANTS[name](path), rounds=3)
