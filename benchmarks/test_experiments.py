"""Reading an experiment beside the customer summary of the same orders, and beside a query that one would write."""

import time
from datetime import date, timedelta

import polars as pl
import pytest

from benchmarks import data
from whalecurve import engine

START, DAYS = date(2025, 11, 1), 28
N_SMALL, N_LARGE = 1_000_000, 10_000_000
"""Order lines, of a hundred thousand and of a million customers."""

MOST_TIMES = 1.5
"""What reading an experiment may take beside the summary: one pass over the lines and what it says of the arms."""


def experiment(folder, n):
    """An experiment with every customer of the log as of the day before, by segments; its directory."""
    out = folder / f"experiment-{n}"
    if not out.exists():
        scores = folder / f"scores-{n}"
        window = {"as_of": START - timedelta(days=1)}
        engine.score(data.orders(folder, n), out=scores, window=window, measures=False)
        design = {"name": "bench", "arms": "offer:0.5,control:0.5", "strata": ("rfm",), "days": DAYS}
        engine.assign_experiment(scores, design=design, out=out)
    return out


def read(folder, n):
    return engine.read_experiment(data.orders(folder, n), experiment(folder, n))


def summary(folder, n):
    orders = engine.scan_orders(data.orders(folder, n))
    return engine.customer_summary(orders, engine.Window(as_of=date(2025, 12, 31))).collect(engine="streaming")


def by_polars(folder, n):
    """Sums of the outcome's days by arm, and nothing else: no checks, no days before, no test."""
    day = pl.col("order_ts").dt.date()
    during = pl.scan_parquet(data.orders(folder, n)).filter(day.is_between(START, START + timedelta(days=DAYS - 1)))
    sums = during.group_by("customer_id").agg(pl.col("amount", "margin").sum())
    arms = pl.scan_parquet(experiment(folder, n) / "assignment.parquet").select("customer_id", "arm")
    joined = arms.join(sums, on="customer_id", how="left").with_columns(pl.col("amount", "margin").fill_null(0.0))
    return (
        joined.group_by("arm").agg(pl.len(), pl.col("amount", "margin").sum()).sort("arm").collect(engine="streaming")
    )


CONTESTANTS = {"whalecurve, experiment read": read, "whalecurve, summary": summary, "polars, sums by arm": by_polars}


def test_contestants_agree(folder):
    ours = read(folder, N_SMALL).arms.filter(pl.col("segment").is_null()).sort("arm")
    theirs = by_polars(folder, N_SMALL)
    assert ours["arm"].to_list() == theirs["arm"].to_list()
    assert ours["customers"].to_list() == theirs["len"].to_list()
    for own, name in (("revenue", "amount"), ("margin", "margin")):
        assert ours[own].to_list() == pytest.approx(theirs[name].to_list(), rel=1e-9)


@pytest.mark.parametrize("name", CONTESTANTS)
@pytest.mark.parametrize("n", [N_SMALL, N_LARGE], ids=lambda n: f"{n:.0e}")
def test_experiment(timed, folder, n, name):
    experiment(folder, n)
    timed(f"experiment, {n:.0e} order lines", name, lambda: CONTESTANTS[name](folder, n), rounds=3)


@pytest.mark.gate
def test_reading_an_experiment_takes_no_longer_than_one_and_a_half_summaries(folder):
    """In turns, the best of three of each, by the time of all threads: other work on the machine counts for neither."""
    experiment(folder, N_LARGE)
    spent = {work: [] for work in (read, summary)}
    for _ in range(3):
        for work, times in spent.items():
            began = time.process_time()
            work(folder, N_LARGE)
            times.append(time.process_time() - began)
    ours, theirs = (min(times) for times in spent.values())
    assert ours <= MOST_TIMES * theirs, (ours, theirs)
