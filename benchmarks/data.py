"""Seeded data: histories of many customers, and order logs on disk, made once and kept for the session."""

from pathlib import Path

import numpy as np
import polars as pl

from whalecurve import engine

BGNBD = (0.25, 8.0, 0.8, 9.0)
"""r, alpha (days), a, b: about half of the customers never come back within two years."""


def orders(folder: Path, n: int, *, ids: str = "integer") -> Path:
    """A simulated log of about n order lines in time order; the directory of its files."""
    out = folder / f"orders-{n}-{ids}"
    if not out.exists():
        engine.simulate(engine.Simulation(orders=n, ids=ids, seed=2026), out)
    return out / "orders"


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
