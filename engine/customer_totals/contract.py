"""The contract of customer totals, version 1: columns, types, and what must hold in every row.

docs/totals.md tells it to whoever writes such tables. A column more is no fault, a column less is; what they mean never
changes within a version.
"""

from dataclasses import dataclass
from typing import Literal

import polars as pl

from whalecurve.engine.errors import InputError
from whalecurve.engine.money import LIMIT, UNITS
from whalecurve.engine.order_files import OrderFile, named

VERSION = 1

Kind = Literal["id", "count", "day", "money", "gaps"]

IDS = "customer_id"
SAME = ("totals_version", "observed_from", "as_of")
"""Columns that have one value in all rows."""

COUNTS = ("n_purchase_days", "n_orders", "n_lines", "n_return_lines")
DAYS = ("first_day", "second_day", "last_day")
MONEY = ("revenue", "sold", "returned", "first_revenue", "early_revenue", "year_revenue")
MARGIN = ("margin", "first_margin", "early_margin", "year_margin")
"""Columns that are there together, or none of them."""
GAPS = "gaps"

COLUMNS: dict[str, Kind] = {
    "totals_version": "count",
    "observed_from": "day",
    "as_of": "day",
    IDS: "id",
    **dict.fromkeys(DAYS, "day"),
    **dict.fromkeys(COUNTS, "count"),
    **dict.fromkeys(MONEY, "money"),
    GAPS: "gaps",
}

OF_MARGIN: dict[str, Kind] = dict.fromkeys(MARGIN, "money")

READ_AS: dict[str, pl.DataType] = {
    "count": pl.Int64(),
    "money": pl.Int64(),
    "day": pl.Date(),
    "gaps": pl.List(pl.Int64()),
}
"""The types in which columns are worked with; integers of any width are taken, if their values fit."""

EXPECTED = {
    "count": "whole numbers",
    "money": "whole numbers (BIGINT, millionths of the currency)",
    "day": "dates",
    "gaps": "lists of whole numbers",
}
ADVICE = "docs/totals.md has the contract"


def columns_of(files: list[OrderFile]) -> dict[str, Kind]:
    """The columns of the contract that tables have: with those of margin where they have one.

    Raises
    ------
    InputError
        A column that is missing, or of a type that is not in the contract.
    """
    place, has_margin = named(files), any("margin" in file.schema for file in files)
    wanted = COLUMNS | OF_MARGIN if has_margin else COLUMNS
    for file in files:
        missing = [name for name in wanted if name not in file.schema]
        if missing:
            raise InputError(
                f"{place}: no column {', '.join(missing)}, which customer totals of version {VERSION} have; {ADVICE}"
            )
        for name, kind in wanted.items():
            if not _is_of(kind, file.schema[name]):
                _refuse(place, name, kind, file.schema[name])
    return wanted


def _is_of(kind: Kind, dtype: pl.DataType) -> bool:
    if kind == "id":
        return True  # the mapping of the orders' customers judges it
    if kind == "day":
        return isinstance(dtype, pl.Date)
    if kind == "gaps":
        return isinstance(dtype, pl.List) and _is_whole(_inner(dtype))
    return _is_whole(dtype)


def _inner(dtype: pl.List) -> pl.DataType:
    inner = dtype.inner
    return inner() if isinstance(inner, type) else inner


def _is_whole(dtype: pl.DataType) -> bool:
    return dtype.is_integer() or (isinstance(dtype, pl.Decimal) and dtype.scale == 0) or isinstance(dtype, pl.Null)


def _refuse(place: str, name: str, kind: Kind, dtype: pl.DataType) -> None:
    """Say what is wrong with the type of a column, and what is mostly behind it."""
    why = ""
    if dtype.is_float() and kind in ("count", "money"):
        why = "cast sums to BIGINT: DuckDB writes sums of BIGINT, which are HUGEINT, as floating point; "
    elif isinstance(dtype, pl.Datetime):
        why = "cast it to DATE; "
    raise InputError(f'{place}: column "{name}" is {dtype}, expected {EXPECTED[kind]}; {why}{ADVICE}')


@dataclass(frozen=True, slots=True)
class Law:
    """What must hold of a customer: a condition that is true where it does not, and words for it."""

    is_broken: pl.Expr
    words: str


def laws(wanted: dict[str, Kind]) -> list[Law]:
    """What must hold in every row: whatever was added up, these follow from what the columns mean."""
    counts, money = ([name for name, kind in wanted.items() if kind == own] for own in ("count", "money"))
    n, first, second, last = pl.col("n_purchase_days"), *map(pl.col, DAYS)
    n_gaps, days = pl.col(GAPS).list.len(), last - first
    whole = [name for name in wanted if name not in (*DAYS, GAPS)]
    found = [Law(pl.col(name).is_null(), f"no {name}") for name in whole]
    found += [Law(pl.col(name) < 0, f"{name} below 0") for name in (*counts, "sold", "returned") if name != SAME[0]]
    found += [Law(pl.col(name).abs() > int(LIMIT * UNITS), f"{name} beyond {LIMIT:.2g}") for name in money]
    return [
        *found,
        Law(n > pl.col("n_lines"), "more purchase days than lines"),
        Law(pl.col("n_return_lines") > pl.col("n_lines"), "more return lines than lines"),
        Law(pl.col("n_orders") > pl.col("n_lines"), "more orders than lines"),
        Law((n == 0) != first.is_null(), "a first day without a purchase day, or none with one"),
        Law((n == 0) != last.is_null(), "a last day without a purchase day, or none with one"),
        Law((n < 2) != second.is_null(), "a second day with fewer than two purchase days, or none with more"),
        Law((n == 1) & (first != last), "one purchase day, and a last day that is another"),
        Law((second <= first) | (second > last), "a second day that is not after the first and up to the last"),
        Law((first < pl.col("observed_from")) | (last > pl.col("as_of")), "purchase days that were not observed"),
        Law((n > 0) & (days.dt.total_days() < n - 1), "more purchase days than days from the first to the last"),
        Law(pl.col("revenue") != pl.col("sold") - pl.col("returned"), "revenue that is not sold less returned"),
        Law(n_gaps != (n - 1).clip(lower_bound=0), "other gaps than one between each two purchase days"),
        Law(pl.col(GAPS).list.min() < 1, "gaps of less than a day"),
        Law((n > 1) & (pl.col(GAPS).list.sum() != days.dt.total_days()), "gaps that do not lead to the last day"),
    ]


def check_rows(table: pl.DataFrame, wanted: dict[str, Kind], place: str) -> None:
    """Make sure that rows are what the contract says.

    Raises
    ------
    InputError
        Another version, customers who come again, or a customer of whom something does not hold.
    """
    for name in SAME:
        n = table[name].n_unique()
        if n != 1:
            values = ", ".join(map(str, table[name].unique().sort().head(2).to_list()))
            raise InputError(f"{place}: {name} differs from row to row ({values}); write one value in all; {ADVICE}")
    version = table["totals_version"][0]
    if version != VERSION:
        raise InputError(f"{place}: customer totals of version {version}, this one reads {VERSION}; write these")
    again = table.height - table[IDS].n_unique()
    if again:
        one = table.filter(pl.col(IDS).is_duplicated())[IDS][0]
        raise InputError(f"{place}: {again:,} rows are of customers who come again, as {one}; write one row each")
    checked = laws(wanted)
    broken = table.lazy().select(law.is_broken.sum().alias(str(i)) for i, law in enumerate(checked)).collect()
    for i, law in enumerate(checked):
        n = int(broken[str(i)][0] or 0)
        if n:
            one = table.filter(law.is_broken)[IDS][0]
            customers = "1 customer has" if n == 1 else f"{n:,} customers have"
            raise InputError(f"{place}: {customers} {law.words}, as {one}; {ADVICE}")
