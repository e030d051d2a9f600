"""A file of costs: so much money for a campaign or channel, on a day or in a month."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from whalecurve.engine.acquisition.settings import USUAL_BY, USUAL_SPEND, USUAL_TIMES, Acquiring
from whalecurve.engine.errors import ColumnMissingError, ColumnTypeError, InputError, listed, reason, setting
from whalecurve.engine.money import to_fixed
from whalecurve.engine.order_files import (
    UNREADABLE,
    OrderFile,
    Paths,
    column_names,
    common_types,
    find_files,
    named,
    scan_alike,
    typed_for,
)
from whalecurve.engine.orders import as_text

LENGTHS = {"month": 7, "day": 10}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Costs:
    """The costs of a file, in rows of the file.

    table : value (text), day (the first of a month where months are given), spend (Int64, fixed-point)
    by : the column that it is joined on
    is_monthly : whether it has months and no days
    refused : rows without a readable day, or without money, by reason
    """

    place: str
    table: pl.DataFrame
    by: str
    is_monthly: bool
    n_rows: int
    refused: dict[str, int]


def read_costs(costs: Paths, asked: Acquiring, timezone: str | None) -> Costs:
    """Read all costs.

    Raises
    ------
    InputError
        A file that cannot be read, columns that it does not have or that are of other types, or no usable row.
    """
    found = find_files(costs)
    place = os.fspath(costs) if isinstance(costs, str | os.PathLike) else named(found)
    available = column_names(found)
    by = asked.cost_by or next((name for name in (asked.by, *USUAL_BY) if name in available), None)
    names = {
        "cost_by": _named(by, "cost_by", USUAL_BY, available, place),
        "cost_time": _named(asked.cost_time, "cost_time", USUAL_TIMES, available, place),
        "cost_spend": _named(asked.cost_spend, "cost_spend", USUAL_SPEND, available, place),
    }
    files = typed_for(
        found, ids={names["cost_by"]}, numbers={names["cost_spend"]}, parts=(), times={names["cost_time"]}
    )
    rows = _rows(files, names, place, timezone)
    refused = {why: int(n) for why, n in rows.group_by("refused").len().drop_nulls().sort("refused").iter_rows()}
    usable = rows.filter(pl.col("refused").is_null()).select("value", "day", "spend")
    if usable.is_empty():
        why = f": {listed([f'{n:,} {why}' for why, n in refused.items()])}" if refused else ""
        raise InputError(f"{place}: no usable row of {rows.height:,}{why}; check {setting('cost_time')} and "
                         f"{setting('cost_spend')}")  # fmt: skip
    return Costs(
        place=place,
        table=usable,
        by=asked.by or names["cost_by"],
        is_monthly=bool(rows["is_month"].all()) if rows["is_month"].any() else False,
        n_rows=rows.height,
        refused=refused,
    )


def _named(given: str | None, role: str, usual: Sequence[str], available: Sequence[str], place: str) -> str:
    """The column of a role: that which is named, or the first usual one."""
    name = given or next((one for one in usual if one in available), None)
    if name is None:
        raise InputError(
            f"{place}: no column {' or '.join(usual)}; there are {listed(available)}; name one with {setting(role)}"
        )
    if name not in available:
        raise ColumnMissingError(role=role, mapping=name, wanted=name, available=available, where=place)
    return name


def _rows(files: list[OrderFile], names: dict[str, str], place: str, timezone: str | None) -> pl.DataFrame:
    """value, day, spend, is_month and refused (null for a usable row)."""
    types = common_types(list(dict.fromkeys(names.values())), files, timezone=timezone or "UTC")
    when, money = types[names["cost_time"]], types[names["cost_spend"]]
    if not money.is_numeric():
        raise _type_error("cost_spend", names, money, "a number", "write money as numbers", place)
    day, is_month = _day(pl.col(names["cost_time"]), when, names, place, timezone)
    spend = to_fixed(pl.col(names["cost_spend"]), money)
    query = scan_alike(files, types).select(
        value=as_text(types[names["cost_by"]], names["cost_by"]),
        day=day,
        is_month=is_month,
        spend=spend,
        refused=pl.when(day.is_null())
        .then(pl.lit("without a readable day or month"))
        .when(spend.is_null())
        .then(pl.lit("without a usable amount")),
    )
    try:
        return query.collect(engine="streaming")
    except UNREADABLE as error:
        raise InputError(f"{place}: cannot be read ({reason(error)}); write the file again") from error


def _day(
    column: pl.Expr, dtype: pl.DataType, names: dict[str, str], place: str, timezone: str | None
) -> tuple[pl.Expr, pl.Expr]:
    """The day of a row, and whether it is a month: text such as 2025-06."""
    if isinstance(dtype, pl.String):
        text = column.str.strip_chars()
        is_month = text.str.len_chars() == LENGTHS["month"]
        whole = pl.when(is_month).then(text + "-01").otherwise(text.str.head(LENGTHS["day"]))
        return whole.str.to_date("%Y-%m-%d", strict=False), is_month.fill_null(value=False)
    if isinstance(dtype, pl.Datetime):
        local = column.dt.convert_time_zone(timezone) if dtype.time_zone is not None and timezone else column
        return local.dt.date(), pl.lit(value=False)
    if dtype == pl.Date:
        return column, pl.lit(value=False)
    advice = "write days as dates, or months as text such as 2025-06"
    raise _type_error("cost_time", names, dtype, "a date, or text", advice, place)


def _type_error(
    role: str, names: dict[str, str], found: pl.DataType, expected: str, advice: str, place: str
) -> ColumnTypeError:
    return ColumnTypeError(
        role=role, mapping=names[role], found=str(found), expected=expected, advice=advice, where=place
    )


def first_of_month(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)
