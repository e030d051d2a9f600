"""A dozen customers over two years, small enough for every number to be worked out by hand.

What is special about each:

ada   every month, in time; two lines in the last order
ben   sends a part back on the day of the purchase
cas   sends all back on the day of the first order, which is no purchase then; buys later
dot   returns only: never a purchase
eli   one free order, which costs 5
fay   two orders on one day
gil   back after 90 days, the last that is soon
hal   back after 91 days, too late
ivy   buys much at a loss
jon   back after 366 days, and sends that back two months later
kim   buys three times, the last time for half as much
lou   two days running, the first of them 366 days before the end
"""

from datetime import date
from pathlib import Path

import polars as pl

from whalecurve import engine

AS_OF = date(2024, 12, 31)
"""365 days end on it that begin on 2 January 2024, as that is a leap year."""

COLUMNS = engine.Columns(customer="customer", time="day", order="order")


def lines():
    """The order lines."""
    return pl.read_csv(Path(__file__).with_suffix(".csv"), try_parse_dates=True)


def scored(folder, **options):
    """The run over the log; its customers by name; its tables by the path of their file."""
    orders = folder / "dozen.parquet"
    lines().write_parquet(orders)
    window = engine.Window(as_of=AS_OF)
    run = engine.score(orders, out=folder / "scores", columns=COLUMNS, window=window, layout="flat", **options)
    tables = {path.relative_to(run.out).as_posix(): pl.read_parquet(path) for path in run.out.rglob("*.parquet")}
    (customers,) = (tables.pop(path) for path in list(tables) if path.startswith("customers/"))
    return run, {row["customer_id"]: row for row in customers.iter_rows(named=True)}, tables
