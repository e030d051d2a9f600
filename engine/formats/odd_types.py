"""Columns over which Polars stumbles, mapped or not: Arrow reads the files that have some."""

import base64
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from whalecurve.engine.formats.arrow_files import arrow_batches
from whalecurve.engine.object_stores import opened

ARROW_SCHEMA = b"ARROW:schema"
MOST_DIGITS = 38  # of a decimal that Polars holds
UTC = {"Z", "+0000", "-0000", "-00:00"}
WHOLE_HOURS = re.compile(r"([+-])(\d\d):?00")


def written_schema(file: pq.ParquetFile) -> pa.Schema:
    """The columns as their writer had them, which is how Polars takes them; Arrow itself reads some as simpler ones."""
    if not says_types(file):
        return file.schema_arrow
    told = (file.metadata.metadata or {})[ARROW_SCHEMA]
    return pa.ipc.read_schema(pa.BufferReader(base64.b64decode(told)))


def says_types(file: pq.ParquetFile) -> bool:
    """Whether the writer left the types of its own beside those of Parquet."""
    return ARROW_SCHEMA in (file.metadata.metadata or {})


def odd_columns(columns: pa.Schema) -> dict[str, Any]:
    """The fields `schema`, `unreadable` and `zones` of an `OrderFile` that Arrow has to read."""
    zones = {c.name: c.type.tz for c in columns if pa.types.is_timestamp(c.type) and _is_nowhere(c.type.tz)}
    unreadable = {
        c.name: str(c.type)
        for c in columns
        if is_odd(c.type) and not (pa.types.is_timestamp(c.type) or _is_wide(c.type))
    }
    read = readable_table(columns.empty_table().select([name for name in columns.names if name not in unreadable]))
    schema = {name: read.schema.get(name, pl.Object()) for name in columns.names}
    return {"schema": schema, "unreadable": unreadable, "zones": zones}


def readable_batches(path: str, columns: list[str]) -> Iterator[pl.DataFrame]:
    """The named columns of an Arrow file, batch by batch, in the types that `odd_columns` says."""
    for batch in arrow_batches(path, columns):
        yield readable_table(pa.Table.from_batches([batch]).select(columns))


def rows_by_arrow(path: str, columns: list[str]) -> Iterator[pl.DataFrame]:
    """The named columns of an odd file, batch by batch, in the types that `odd_columns` says."""
    with opened(path) as file:
        for batch in pq.ParquetFile(file, coerce_int96_timestamp_unit="us").iter_batches(columns=columns):
            yield readable_table(pa.Table.from_batches([batch]).select(columns))


def readable_table(table: pa.Table) -> pl.DataFrame:
    """The table in Polars: times with an offset in its zone or else UTC, decimals of more than 38 digits as floats."""
    for i, column in enumerate(table.schema):
        if pa.types.is_timestamp(column.type) and not _is_known(column.type.tz):
            table = table.set_column(
                i, column.name, table[i].cast(pa.timestamp(column.type.unit, _zone(column.type.tz)))
            )
        elif _is_wide(column.type):
            table = table.set_column(i, column.name, table[i].cast(pa.float64()))
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame), "a table is a frame"
    return frame


def _is_wide(dtype: pa.DataType) -> bool:
    return bool(pa.types.is_decimal(dtype) and dtype.precision > MOST_DIGITS)


def is_odd(dtype: pa.DataType) -> bool:
    """Whether Polars panics over a column of this type, wherever in the file it is, or cannot hold its values."""
    if pa.types.is_timestamp(dtype):
        return not _is_known(dtype.tz)
    if pa.types.is_dictionary(dtype):
        return is_odd(dtype.value_type)
    if pa.types.is_list_view(dtype) or pa.types.is_large_list_view(dtype):
        return True
    return _is_wide(dtype) or any(is_odd(dtype.field(i).type) for i in range(dtype.num_fields))


def _zone(name: str) -> str:
    """The zone that Polars has for an offset of whole hours; UTC for any other unknown name."""
    hours = WHOLE_HOURS.fullmatch(name)
    zone = f"Etc/GMT{'-' if hours[1] == '+' else '+'}{int(hours[2])}" if hours else "UTC"
    return zone if _is_known(zone) else "UTC"


def _is_nowhere(name: str | None) -> bool:
    """Whether not even the offset of a zone from UTC is known to Polars."""
    return not _is_known(name) and name not in UTC and _zone(name or "") == "UTC"


@cache
def _is_known(zone: str | None) -> bool:
    """Whether Polars has this time zone."""
    try:
        pl.select(pl.lit(0).cast(pl.Datetime("us", zone)))
    except pl.exceptions.PolarsError:
        return False
    return True
