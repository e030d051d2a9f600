"""Small order logs for the tests of reading and of the command line."""

from datetime import date

import numpy as np
import polars as pl

N_LINES = 6


def log(**columns):
    """Six order lines of three customers; `columns` replace or add some, as expressions, values or lists."""
    lines = pl.DataFrame(
        {
            "customer_id": [1, 1, 2, 3, 3, 3],
            "order_ts": [date(2024, 1, day) for day in (1, 9, 2, 3, 5, 20)],
            "amount": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        }
    )
    given = {name: pl.Series(name, v, strict=False) if isinstance(v, list) else v for name, v in columns.items()}
    return lines.with_columns(**given)


def write(path, lines=None, **columns):
    """Write a log, of `columns` as in `log` unless it is given; its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    (log(**columns) if lines is None else lines).write_parquet(path)
    return path


def write_all(folder, *logs):
    """Write logs to `p0.parquet`, `p1.parquet`, ... in a folder; its path."""
    for i, lines in enumerate(logs):
        write(folder / f"p{i}.parquet", lines)
    return folder


def simple_log(n_lines, n_customers, seed):
    """Order lines of many customers over two years, in time order, with margin, order ids and a few returns."""
    rng = np.random.default_rng(seed)
    minutes = np.sort(rng.integers(0, 730 * 1440, n_lines))
    amounts = np.round(rng.gamma(2.0, 20.0, n_lines), 2) * rng.choice([1.0, -1.0], n_lines, p=[0.95, 0.05])
    return pl.DataFrame(
        {
            "customer_id": np.minimum(rng.zipf(1.3, n_lines), n_customers),
            "order_ts": np.datetime64("2023-01-01", "us") + minutes.astype("timedelta64[m]"),
            "order_id": np.arange(n_lines) // 2,
            "amount": amounts,
            "margin": np.round(amounts * rng.uniform(-0.1, 0.5, n_lines), 2),
        }
    )
