"""Columns that carry their meaning: Arrow's metadata of a field, which Parquet keeps."""

import polars as pl
import pyarrow as pa

from whalecurve.engine.outputs import Table, table_at

LARGE = (pl.Int128, pl.UInt128)


def described(schema: pl.Schema, table: Table | None) -> pa.Schema | None:
    """The schema with the meaning of each column of the table as its `description`; None for no table.

    Columns that the table does not have stay without. Whole numbers of 128 bits, which ids can be, have no place in a
    schema of Arrow: a file with some has no descriptions.
    """
    if table is None or any(dtype in LARGE for dtype in schema.values()):
        return None
    fields = pl.DataFrame(schema=schema).to_arrow(compat_level=pl.CompatLevel.newest()).schema
    return pa.schema([_described(field, table) for field in fields])


def table_of(command: str, directory: str, file: str) -> Table | None:
    """The table of a file in a directory of a result, or at its top."""
    return table_at(command, f"{directory}/{file}") or table_at(command, file)


def _described(field: pa.Field, table: Table) -> pa.Field:
    column = table.column(field.name)
    return field if column is None else field.with_metadata({"description": column.says()})
