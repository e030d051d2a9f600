"""Seeded data: histories of many customers, and order logs on disk, made once and kept for the session.

Logs of tens of millions of lines take a minute each to draw. Where the environment names a directory in
WHALECURVE_BENCH_DATA they are kept there from one run to the next.
"""

import os
from pathlib import Path

import numpy as np
import polars as pl

from whalecurve import engine

BGNBD = (0.25, 8.0, 0.8, 9.0)
"""r, alpha (days), a, b: about half of the customers never come back within two years."""

TEN_LINES = (0.34, 8.0, 0.8, 9.0)
"""The same for logs: ten order lines a customer."""

COLUMNS = ("customer_id", "order_ts", "order_id", "amount", "margin")
"""What a scoring run reads of a log."""


def orders(folder: Path, n: int, *, ids: str = "integer") -> Path:
    """A simulated log of about n order lines, ten a customer, in time order; the directory of its files."""
    out = _kept(folder) / f"orders-{n}-{ids}"
    if not (out / "truth.json").exists():
        engine.simulate(engine.Simulation(orders=n, ids=ids, seed=2026, purchase=TEN_LINES), out)
    return out / "orders"


def shuffled(folder: Path, n: int) -> Path:
    """The lines of `orders` in random order, in as many files."""
    out = _kept(folder) / f"orders-{n}-shuffled"
    if not (out / "done").exists():
        out.mkdir(exist_ok=True)
        files = sorted(orders(folder, n).glob("*.parquet"))
        lines = pl.concat([pl.read_parquet(file, columns=COLUMNS) for file in files])
        lines = lines.sample(fraction=1.0, shuffle=True, seed=2026)
        size = -(-lines.height // len(files))
        for i in range(len(files)):
            lines[i * size : (i + 1) * size].write_parquet(out / f"part-{i:05}.parquet", row_group_size=500_000)
        (out / "done").touch()
    return out


def ten_times(folder: Path, n: int) -> Path:
    """A log of ten times the lines and customers of `orders`: ten copies whose customers and orders are others."""
    out = _kept(folder) / f"orders-{10 * n}-copied"
    if not (out / "done").exists():
        out.mkdir(exist_ok=True)
        for file in sorted(orders(folder, n).glob("*.parquet")):
            lines = pl.read_parquet(file, columns=COLUMNS)
            for copy in range(10):
                other = lines.with_columns(pl.col("customer_id") + copy * 10**9, pl.col("order_id") + copy * 10**10)
                other.write_parquet(out / f"{file.stem}-{copy}.parquet", row_group_size=500_000, compression_level=1)
        (out / "done").touch()
    return out


def summary(folder: Path, n_orders: int) -> pl.DataFrame:
    """The customer summary of `orders`."""
    return engine.customer_summary(engine.scan_orders(orders(folder, n_orders))).collect().sort("customer_id")


def histories(n: int, *, days: int = 730) -> pl.DataFrame:
    """BG/NBD histories of n customers in whole days, as a summary of an order log has them: x, t_x, T and mean value m.

    Purchases on one day are one, and a day after the last is added where rounding would put the last on the first.
    """
    r, alpha, a, b = BGNBD
    rng = np.random.default_rng(2026)
    rate, dropout = rng.gamma(r, 1.0 / alpha, n), rng.beta(a, b, n)
    T = rng.integers(1, days, n).astype(np.float64)
    x, last, now = np.zeros(n), np.zeros(n), np.zeros(n)
    active = np.arange(n)
    while active.size:
        now[active] += rng.exponential(1.0 / rate[active])
        active = active[now[active] < T[active]]
        day = np.ceil(now[active])
        x[active] += day > last[active]
        last[active] = day
        active = active[rng.random(active.size) >= dropout[active]]
    mean = np.where(
        x > 0,
        np.round(rng.gamma(4.0 * np.maximum(x, 1), 1.0) / np.maximum(x, 1) * 9.0 / rng.gamma(3.5, 1.0, n), 2),
        0.0,
    )
    return pl.DataFrame({"x": x, "t_x": last, "T": T, "m": mean})


def values(n: int) -> np.ndarray:
    """What n customers are worth: lognormal, a tenth of them loss-makers."""
    rng = np.random.default_rng(2026)
    return rng.lognormal(3.0, 1.2, n) * rng.choice([1.0, -0.2], n, p=[0.9, 0.1])


def _kept(folder: Path) -> Path:
    kept = os.environ.get("WHALECURVE_BENCH_DATA")
    if kept is None:
        return folder
    Path(kept).mkdir(parents=True, exist_ok=True)
    return Path(kept)
