"""The CDNOW logs and their published summary, read from the data that the lifetimes package carries."""

import importlib.util
from datetime import date
from pathlib import Path

import polars as pl

CALIBRATION_END = date(1997, 9, 30)


def dataset(name: str) -> Path:
    """A file of lifetimes' datasets; the package itself is not imported."""
    spec = importlib.util.find_spec("lifetimes")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / "datasets" / name


def orders(name: str, *, id_field: int) -> pl.DataFrame:
    """customer_id, order_ts (date) and amount of a whitespace-separated log; its header, if any, is skipped."""
    rows = [line.split() for line in dataset(name).read_text().splitlines()]
    rows = [row for row in rows if row and row[0].isdigit()]
    return pl.DataFrame(
        {
            "customer_id": [int(row[id_field]) for row in rows],
            "order_ts": [row[-3] for row in rows],
            "amount": [float(row[-1]) for row in rows],
        }
    ).with_columns(pl.col("order_ts").str.to_date("%Y%m%d"))


def sample() -> pl.DataFrame:
    """The 1/10 sample: 6,919 lines of 2,357 customers."""
    return orders("CDNOW_sample.txt", id_field=1)


def master() -> pl.DataFrame:
    """The master log: 69,659 lines of 23,570 customers."""
    return orders("CDNOW_master.txt", id_field=0)


def published_summary() -> pl.DataFrame:
    """The calibration summary as published: ID, x, t_x, T in weeks rounded to two decimals, zbar."""
    return pl.read_csv(dataset("cdnow_customers_summary_with_transactions.csv"))
