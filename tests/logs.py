"""Small order logs for the tests of reading and of the command line."""

from datetime import date

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
