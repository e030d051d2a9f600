"""Experiments on made-up logs: an assignment on disk, orders as a frame, and effects that are planted in them."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from whalecurve.engine.experiments import ASSIGNMENT, COLUMNS, CellCount, Design, Record, Wave, write_experiment

START = date(2025, 6, 1)


def assigned(arms, start=START, **columns):
    """Customers 1, 2, ... in these arms (None: the universal holdout), with columns of the assignment by name."""
    n = len(arms)
    usual = {"stratum": ["all"] * n, "segment": ["all"] * n, "entered": [start] * n, "value": [0.0] * n}
    given = usual | {"arm": list(arms), "in_holdout": [arm is None for arm in arms]} | columns
    table = pl.DataFrame({"customer_id": pl.int_range(1, n + 1, eager=True, dtype=pl.Int64)})
    return table.with_columns(
        pl.Series(name, given.get(name, [None] * n), dtype=dtype) for name, dtype in COLUMNS.items()
    )


def write(directory, table, *, value="revenue", as_of=None, cells=None, **design):
    """Write an experiment of these customers; its directory."""
    settings = {"name": "spring", "arms": "offer:0.5,control:0.5", "metric": "revenue", "days": 28} | design
    made = Design(**settings)
    counts = table.drop_nulls("arm").group_by("stratum", "arm").agg(n=pl.len()).sort("stratum", "arm")
    waves = [
        Wave(
            entered=day, scores="abc", as_of=as_of or day - timedelta(days=1),
            customers=table.filter(entered=day, in_holdout=False).height, held_out=int(table["in_holdout"].sum()),
        )
        for day in table["entered"].unique().sort()
    ]  # fmt: skip
    record = Record(
        design=made,
        value=value,
        waves=tuple(waves),
        cells=cells or tuple(CellCount(stratum=s, arm=a, customers=n) for s, a, n in counts.iter_rows()),
    )
    directory.mkdir(parents=True, exist_ok=True)
    write_experiment(record, directory)
    table.write_parquet(directory / ASSIGNMENT)
    return directory


def orders_of(rows):
    """Order lines of (customer, days from the start, amount), each an order of its own."""
    return pl.DataFrame(
        {
            "customer_id": pl.Series([row[0] for row in rows], dtype=pl.Int64),
            "order_ts": [START + timedelta(days=row[1]) for row in rows],
            "amount": pl.Series([float(row[2]) for row in rows], dtype=pl.Float64),
            "order_id": list(range(len(rows))),
        }
    )


def shop(n=1_000, seed=0, days=28, before=56, treated=None, effect=0.0, tail=2.5):
    """A log of n customers who differ in how often they buy, with heavy-tailed amounts, around the start.

    treated : bool[n]; their amounts from the start on are 1 + `effect` times as large
    """
    rng = np.random.default_rng(seed)
    rate = rng.gamma(0.6, 0.08, n)
    counts = rng.poisson(rate * (before + days))
    customer = np.repeat(np.arange(n), counts)
    day = rng.integers(-before, days, customer.size)
    own = rng.gamma(2.0, 10.0, n)
    amount = own[customer] * (rng.pareto(tail, customer.size) + 0.2)
    if treated is not None:
        amount = np.where(treated[customer] & (day >= 0), amount * (1.0 + effect), amount)
    first = np.arange(n)  # everybody has a line, long ago
    return orders_of(
        [(int(c) + 1, -before - 30, 10.0) for c in first]
        + [(int(c) + 1, int(d), round(float(a), 2)) for c, d, a in zip(customer, day, amount, strict=True)]
        + [(1, days - 1, 1.0)]
    )
