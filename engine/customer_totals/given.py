"""Customer totals that other engines have added up, opened and read as the store's own."""

from pathlib import Path

import numpy as np
import polars as pl

from whalecurve.engine.audit import Audit
from whalecurve.engine.customer_totals.contract import GAPS, IDS, MARGIN, READ_AS, check_rows, columns_of
from whalecurve.engine.errors import InputError
from whalecurve.engine.money import UNITS
from whalecurve.engine.order_files import Paths, find_files
from whalecurve.engine.orders import Orders, failures_named, rows_with, scan_orders
from whalecurve.engine.settings import Columns, Window
from whalecurve.engine.store import Totals, totals_of_table
from whalecurve.kernels.arrays import Int64


def open_totals(source: Paths) -> Orders:
    """Tables of customer totals, found as order logs are; no row is read.

    They are held as a log whose lines are never read: customers, and whether there is margin, are what stages after the
    store ask of it.

    Raises
    ------
    InputError
        A path or file that cannot be read, a column that is missing or of another type than the contract has.
    """
    files = find_files(source)
    wanted = columns_of(files)
    margin = "margin" if MARGIN[0] in wanted else ""
    return scan_orders(
        files, Columns(customer=IDS, time="as_of", amount="revenue", margin=margin, cost="", order="", preset=None)
    )


def read_given(totals: Orders, window: Window, value: str, aside: Path | None = None) -> Totals:
    """Read customer totals, all at once, and hold them against the contract.

    Parameters
    ----------
    value
        "margin" or "revenue": which year's value customers carry along.
    aside
        Directory for what memory cannot hold; None: the system's for temporary files.

    Raises
    ------
    InputError
        Rows that are not what the contract says, or nobody at all.
    """
    wanted = columns_of(totals.files)
    with failures_named(totals):
        customer = totals.mapping.roles["customer"].expr.alias(IDS)
        others = {name: totals.files[0].schema[name] for name in wanted if name != IDS}
        found = rows_with(totals, others).select(customer, *others).collect(engine="streaming")
    if found.is_empty():
        raise InputError(f"{totals.name}: no customers at all; name the table that has them")
    table = _typed(found, {name: READ_AS[kind] for name, kind in wanted.items() if name != IDS}, totals.name)
    check_rows(table, wanted, totals.name)
    audit = _audit(table, window)
    numbers = table.sort(IDS).with_columns(
        pl.col("first_day", "second_day", "last_day").cast(pl.Int32).fill_null(-1),
        year_value=pl.col(f"year_{value}"),
        **({} if totals.has_margin else dict.fromkeys(MARGIN[:3], pl.lit(0, pl.Int64))),
    )
    return totals_of_table(numbers, totals, audit, value, _gap_counts(table[GAPS]), aside)


def _typed(found: pl.DataFrame, types: dict[str, pl.DataType], place: str) -> pl.DataFrame:
    """The columns in the types that they are worked with; no gaps are none.

    Raises
    ------
    InputError
        A number that 64 bits do not hold.
    """
    table = found.with_columns(pl.col(name).cast(dtype, strict=False) for name, dtype in types.items())
    for name in types:
        lost = table[name].null_count() - found[name].null_count()
        if name == GAPS:
            lost = int(table[name].list.eval(pl.element().null_count()).list.sum().sum())
        if lost:
            raise InputError(f'{place}: {lost:,} values of "{name}" do not fit into 64 bits, or are missing; fix them')
    return table.with_columns(pl.col(GAPS).fill_null([]))


def _audit(table: pl.DataFrame, window: Window) -> Audit:
    """What is known of the lines that were added up elsewhere: how many, of how much; refused ones are not."""
    n_lines, n_returns = (int(table[name].sum()) for name in ("n_lines", "n_return_lines"))
    turnover = float(table.select(pl.sum_horizontal(pl.col("sold", "returned").cast(pl.Float64)).sum()).item())
    return Audit(
        n_read=n_lines,
        n_filtered=0,
        n_used=n_lines,
        refused={},
        window=window.observed(table["as_of"][0]),
        first_day=table["observed_from"][0],
        last_day=table["as_of"][0],
        n_return_lines=n_returns,
        n_unflagged_return_lines=0,
        n_below_resolution=0,
        turnover=turnover / UNITS,
        warnings=(),
        copies=(),
    )


def _gap_counts(gaps: pl.Series) -> Int64:
    """How many gaps of 0, 1, 2, ... days there are."""
    days = gaps.explode().drop_nulls().to_numpy()
    counts: Int64 = np.bincount(days, minlength=1).astype(np.int64)
    return counts
