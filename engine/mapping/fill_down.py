"""Columns of the order, which some exports write on one line of it only, told to its other lines."""

from collections.abc import Collection

import polars as pl

from whalecurve.engine.errors import ColumnMissingError, InputError, setting
from whalecurve.engine.order_files import OrderFile, column_names, named


def filled_down(rows: pl.LazyFrame, columns: dict[str, pl.DataType], order: pl.Expr) -> pl.LazyFrame:
    """The rows of one file, with the empty cells of the columns of orders filled from other lines of the order.

    Empty is what is null, or text of nothing but white space. Of several values of an order, lines without one get the
    greatest, whatever the order of the rows. Lines without an order id, and orders without a value, stay as they are.

    Parameters
    ----------
    rows
        The rows of a file.
    columns
        What is filled, with the type of each.
    order
        The id of a row's order.
    """
    return rows.with_columns(_filled(name, dtype, order) for name, dtype in columns.items())


def _filled(name: str, dtype: pl.DataType, order: pl.Expr) -> pl.Expr:
    column = pl.col(name)
    value = pl.when(column.str.strip_chars() != "").then(column) if isinstance(dtype, pl.String) else column
    return pl.coalesce(value, pl.when(order.is_not_null()).then(value.max().over(order)), column).alias(name)


def check_fill_down(fill_down: Collection[str], files: list[OrderFile], *, has_order: bool) -> None:
    """Raise InputError for columns of orders that are none of the files', or that no order id holds together."""
    if fill_down and not has_order:
        raise InputError(
            f"{setting('fill_down', ','.join(fill_down))} needs to know which lines are one order; name its id with "
            f"{setting('order', 'NAME')}"
        )
    available = column_names(files)
    for name in fill_down:
        if name not in available:
            raise ColumnMissingError(
                role="fill_down", mapping=name, wanted=name, available=available, where=named(files)
            )
        if any(file.schema[name].is_nested() for file in files if name in file.schema):
            raise InputError(
                f'{named(files)}: {setting("fill_down")} "{name}" holds several values in a cell; name columns of one '
                f"plain value"
            )
