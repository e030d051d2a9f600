"""Seeded data: histories of many customers, and order logs on disk, made once and kept for the session.

Logs of tens of millions of lines take a minute each to draw. Where the environment names a directory in
WHALECURVE_BENCH_DATA they are kept there from one run to the next.
"""

import os
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from tests.tools.readme import retail_log
from whalecurve import engine

BGNBD = (0.25, 8.0, 0.8, 9.0)
"""r, alpha (days), a, b: about half of the customers never come back within two years."""

TEN_LINES = (0.34, 8.0, 0.8, 9.0)
"""The same for logs: ten order lines a customer."""

TWENTY_LINES = (0.34, 2.0, 0.8, 9.0)
"""The same: twenty order lines a customer."""

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
        _write_in_files(lines.sample(fraction=1.0, shuffle=True, seed=2026), out, len(files))
        (out / "done").touch()
    return out


def by_customer(folder: Path, n: int) -> Path:
    """The lines of `orders` in the order of their customers, in as many files."""
    out = _kept(folder) / f"orders-{n}-by-customer"
    if not (out / "done").exists():
        out.mkdir(exist_ok=True)
        files = sorted(orders(folder, n).glob("*.parquet"))
        lines = pl.concat([pl.read_parquet(file, columns=COLUMNS) for file in files])
        _write_in_files(lines.sort("customer_id", "order_ts"), out, len(files))
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


RETAIL_LINES, RETAIL_CUSTOMERS, RETAIL_NAMELESS = 1_044_847, 5_942, 235_287
"""The Online Retail log of 2009 to 2011: lines, customers, and lines that name none."""


def retail(folder: Path) -> tuple[Path, str]:
    """The Online Retail log where WHALECURVE_DATA has it, else one of its size and columns; and which it is."""
    real = retail_log()
    if real is not None:
        return real, "Online Retail"
    path = _kept(folder) / "like-online-retail.parquet"
    if not path.exists():
        _like_retail(folder).write_parquet(path, row_group_size=500_000)
    return path, "simulated"


def _like_retail(folder: Path) -> pl.DataFrame:
    """As many lines, customers and nameless lines as Online Retail has: wholesale orders of some twenty lines."""
    out = folder / "few-customers"
    if not (out / "truth.json").exists():
        engine.simulate(engine.Simulation(customers=RETAIL_CUSTOMERS, seed=2026), out)
    lines = pl.read_parquet(out / "orders").sort("order_ts", "order_id")
    each = RETAIL_LINES // lines.height
    rng = np.random.default_rng(2026)
    nameless = np.zeros(RETAIL_LINES, dtype=bool)
    nameless[rng.choice(RETAIL_LINES, RETAIL_NAMELESS, replace=False)] = True
    return lines[np.arange(RETAIL_LINES) * lines.height // RETAIL_LINES].select(
        InvoiceNo=pl.col("order_id").cast(pl.String),
        Quantity=pl.when(pl.col("amount") < 0).then(-1).otherwise(1).cast(pl.Int64),
        InvoiceDate=pl.col("order_ts").cast(pl.Datetime("ns")),
        UnitPrice=(pl.col("amount").abs() / each).round(2),
        CustomerID=pl.when(~pl.Series(nameless)).then("customer_id").cast(pl.Int64),
    )


def small(folder: Path) -> Path:
    """A log of about 200,000 lines of 10,000 customers, in one file."""
    path = _kept(folder) / "small.parquet"
    if not path.exists():
        out = folder / "small"
        engine.simulate(engine.Simulation(customers=10_000, seed=2026, purchase=TWENTY_LINES), out)
        pl.read_parquet(out / "orders", columns=COLUMNS).write_parquet(path)
    return path


def tiny(folder: Path) -> Path:
    """Twenty lines of three customers: one buys every month, one now and then, one once."""
    path = _kept(folder) / "tiny.parquet"
    days = [date(2025, month, 5) for month in range(1, 13)] + [
        date(2025, month, 9) for month in (1, 3, 5, 7, 9, 11, 12)
    ]
    pl.DataFrame(
        {
            "customer_id": [1] * 12 + [2] * 7 + [3],
            "order_ts": [*days, date(2025, 6, 1)],
            "order_id": range(20),
            "amount": [10.0 + i % 7 for i in range(20)],
            "margin": [4.0 + i % 5 for i in range(20)],
        }
    ).write_parquet(path)
    return path


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


def _write_in_files(lines: pl.DataFrame, out: Path, n_files: int) -> None:
    size = -(-lines.height // n_files)
    for i in range(n_files):
        lines[i * size : (i + 1) * size].write_parquet(out / f"part-{i:05}.parquet", row_group_size=500_000)
