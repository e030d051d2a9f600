"""Why a read failed half-way: which file, and which setting, it is about."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import polars as pl

from whalecurve.engine.errors import InputError, reason, setting
from whalecurve.engine.object_stores import redacted
from whalecurve.engine.orders.log import Orders, rows_read

FAILURES = (pl.exceptions.ComputeError, pl.exceptions.InvalidOperationError, pl.exceptions.PanicException, OSError)
"""What Polars raises over the content of a file, or over a value that an expression cannot take. A damaged page can
make it panic."""


@contextmanager
def failures_named(orders: Orders) -> Iterator[None]:
    """Turn the failure of a query over the orders into one line that names the file.

    Raises
    ------
    InputError
        A file that is damaged or gone, an SQL expression that fails on some row.
    """
    try:
        yield
    except FAILURES as error:
        faults = (_fault(replace(orders, files=[file])) for file in orders.files)
        fault = next((words for words in faults if words), None)
        if fault is None and isinstance(error, pl.exceptions.PanicException):
            raise  # no file's and no expression's
        unnamed = f"{orders.name}: cannot be read ({redacted(reason(error))}); check the files and the mapping"
        raise InputError(fault or unnamed) from error


def _fault(orders: Orders) -> str | None:
    """What is wrong with the one file of these orders."""
    path, mapping = orders.files[0].path, orders.mapping
    why = _failure(rows_read(replace(orders, mapping=replace(mapping, attributes=()))).select(pl.all().null_count()))
    if why:
        is_file = orders.files[0].source is None
        advice = "export the file again, or exclude it" if is_file else "check what it is made of"
        return f"{path}: cannot be read to its end ({why}); {advice}"
    for part in mapping.attributes:
        why = _failure(part.rows.select(pl.all().null_count()))
        if why:
            return f"{part.source.place}: cannot be read ({why}); write the file again"
    rows = rows_read(orders)
    selected = mapping.selected(rows)
    name, text = ("where", mapping.where_text) if mapping.where_text else ("keep", mapping.keep_text)
    steps = [] if mapping.where is None else [(name, text, rows.select(mapping.where))]
    steps += [] if mapping.where is None else [(name, text, selected.select(pl.len()))]
    steps += [(role, filled.mapping, selected.select(filled.expr)) for role, filled in mapping.roles.items()]
    steps += [
        (mapping.asked_as[text], text, selected.select(filled.expr)) for text, filled in mapping.dimensions.items()
    ]
    for role, text, query in steps:
        why = _failure(query.select(pl.all().null_count()))
        if why:
            return (
                f'{path}: {setting(role)} "{text}" does not work on every row ({why}); fix the rows, exclude them '
                f"with {setting('where')}, or use TRY_CAST so that bad values become NULL"
            )
    return None


def _failure(query: pl.LazyFrame) -> str | None:
    try:
        query.collect(engine="streaming")
    except FAILURES as error:
        return redacted(reason(error))
    return None
