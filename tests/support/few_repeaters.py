"""Customers of BG/NBD who hardly ever come back: what is told by such data is little."""

from datetime import date, timedelta

import numpy as np
import polars as pl

LAST_DAY = date(2024, 12, 31)


def few_repeaters(*, seed, dropout=0.5, rate=0.06, n=1_500, most=None):
    """Histories x, t_x, T in days.

    Rates are gamma with r = 0.5 and a mean of `rate` purchases a year, dropouts beta with a mean of `dropout` and a +
    b = 2. `most` ends a history after so many repeat purchases.
    """
    rng = np.random.default_rng(seed)
    rates, leaves = rng.gamma(0.5, rate / 0.5 / 365.0, n), rng.beta(2.0 * dropout, 2.0 - 2.0 * dropout, n)
    ages = rng.integers(30, 365, n)
    histories = []
    for own, leave, age in zip(rates, leaves, ages, strict=True):
        x, t_x, t = 0, 0.0, rng.exponential(1.0 / max(own, 1e-12))
        while t <= age and (most is None or x < most):
            x, t_x = x + 1, min(np.ceil(t), age)
            if rng.random() < leave:
                break
            t += rng.exponential(1.0 / own)
        histories.append((x, t_x, age))
    return tuple(np.array(column, dtype=np.float64) for column in zip(*histories, strict=True))


def log_of(x, t_x, T):
    """An order log with such histories of at most one repeat purchase, up to `LAST_DAY`."""
    lines = []
    for customer, (repeats, last, age) in enumerate(zip(x, t_x, T, strict=True)):
        first = LAST_DAY - timedelta(days=int(age))
        lines.append((customer, first, 20.0 + customer % 7))
        if repeats:
            lines.append((customer, first + timedelta(days=int(last)), 20.0 + customer % 11))
    return pl.DataFrame(lines, schema=["customer_id", "order_ts", "amount"], orient="row")
