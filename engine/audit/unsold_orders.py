"""Orders that are no sales, or no longer, told by columns that the mapping does not read."""

from collections.abc import Callable, Iterator

import polars as pl

from whalecurve.engine.errors import Message, counted, listed, setting
from whalecurve.engine.order_files import agreed_types
from whalecurve.engine.orders import FAILURES, Orders, rows_with
from whalecurve.engine.settings import Columns
from whalecurve.engine.shop_exports import is_end, is_flag, keeps_others, no_sales, says_refund, says_state
from whalecurve.engine.shop_exports import is_filled as filled
from whalecurve.engine.sql_text import literal, quoted

MOST_NAMED = 5


def states_left_in(orders: Orders) -> list[Message]:
    """What a reader should be told of lines of orders that are none: a sentence a column.

    A column that the mapping reads, in a condition or anywhere else, is known to the user.
    """
    columns = _unread(orders, _may_tell)
    if not columns:
        return []
    rows = rows_with(orders, columns)
    queries = [_counts(rows, name, dtype) for name, dtype in columns.items()]
    try:
        tables = pl.collect_all(queries, engine="streaming")
    except FAILURES:
        return []  # a column that nobody mapped cannot be read
    told = (_told(name, columns[name], table) for name, table in zip(columns, tables, strict=True))
    return [Message(words) for found in told for words in found]


def refunds_left_in(orders: Orders, columns: Columns | None) -> list[Message]:
    """What a reader should be told of amounts that were given back and are not taken off: a sentence, or none.

    An empty `refund` says that there is nothing to take off.
    """
    if "refund" in orders.mapping.roles or (columns is not None and columns.refund == ""):
        return []
    numbers = _unread(orders, lambda name, types: says_refund(name) and all(dtype.is_numeric() for dtype in types))
    if not numbers:
        return []
    size = {name: pl.col(name).cast(pl.Float64).abs() for name in numbers}
    sums = [column.fill_nan(None).sum().alias(f"sum {name}") for name, column in size.items()]
    counts = [(column > 0).sum().alias(f"n {name}") for name, column in size.items()]
    try:
        found = rows_with(orders, numbers).select(*sums, *counts).collect(engine="streaming").row(0, named=True)
    except FAILURES:
        return []
    name = max(numbers, key=lambda one: found[f"sum {one}"])
    if not found[f"n {name}"]:
        return []
    return [
        Message(
            f'"{name}" has {found[f"sum {name}"]:,.2f} on {counted(found[f"n {name}"], "line")}, which the amount '
            f"does not take off: give {setting('refund', quoted(name))}, or {setting('refund', '')} if the amount is "
            f"net of it"
        )
    ]


def _may_tell(name: str, types: list[pl.DataType]) -> bool:
    is_text = all(isinstance(dtype, pl.String | pl.Categorical | pl.Enum) for dtype in types)
    is_flagged = all(isinstance(dtype, pl.Boolean) for dtype in types)
    is_time = all(isinstance(dtype, pl.Date | pl.Datetime | pl.String) for dtype in types)
    return (is_text and says_state(name)) or (is_flagged and is_flag(name)) or (is_time and is_end(name))


def _unread(orders: Orders, is_wanted: Callable[[str, list[pl.DataType]], bool]) -> dict[str, pl.DataType]:
    """Columns of that kind which the mapping does not read."""
    found = agreed_types(orders.files, is_wanted)
    return {name: dtype for name, dtype in found.items() if name not in orders.mapping.inputs}


def _counts(rows: pl.LazyFrame, name: str, dtype: pl.DataType) -> pl.LazyFrame:
    """How many lines have each value; of times, how many have one."""
    value = filled(name, dtype) if is_end(name) else pl.col(name)
    return rows.select(value=value.cast(pl.String)).group_by("value").agg(n=pl.len())


def _told(name: str, dtype: pl.DataType, counts: pl.DataFrame) -> Iterator[str]:
    lines: dict[str, int] = dict(sorted(counts.drop_nulls().rows(), key=lambda entry: (-entry[1], entry[0])))
    if is_end(name) or isinstance(dtype, pl.Boolean):
        n = lines.get("true", 0)
        keep = f"{quoted(name)} IS NULL" if is_end(name) else f"NOT COALESCE({quoted(name)}, FALSE)"
        if n:
            marked = "has a time" if is_end(name) else "is true"
            yield f'"{name}" {marked} on {counted(n, "line")}; if those are no sales, give {setting("keep", keep)}'
        return
    odd = no_sales(list(lines))
    if odd:
        states = listed([f"{literal(state)} ({lines[state]:,})" for state in odd], MOST_NAMED)
        yield (
            f'"{name}" has states that are no sales, with so many lines each: {states}; leave them out with '
            f"{setting('keep', keeps_others(name, odd))}"
        )
