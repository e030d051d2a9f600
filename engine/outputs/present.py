"""Tables as they are in a directory: the columns that are there, with the types that they have there."""

from dataclasses import replace
from pathlib import Path

import polars as pl

from whalecurve.engine.outputs.tables import Column, Table, tables_of

OWN_TYPES = ("id", "time", "any")
"""Types that a file has of the data that it was made of."""


def tables_in(directory: Path, command: str) -> list[Table]:
    """The tables of a command that are in a directory, with the columns and the types that they have there.

    Columns that are directories of a partition stand last, as readers of such files have them.
    """
    found = []
    for table in tables_of(command):
        pattern = table.file.replace("/*.parquet", "/**/*.parquet")
        file = next(iter(sorted(directory.glob(pattern))), None)
        if file is not None:
            found.append(_as_written(table, directory, file))
    return found


def _as_written(table: Table, directory: Path, file: Path) -> Table:
    types = {name: str(dtype) for name, dtype in pl.read_parquet_schema(file).items()}
    keys = [part.partition("=")[0] for part in file.relative_to(directory).parts if "=" in part]
    types |= dict.fromkeys(keys, "String")
    pattern = table.file.replace("/*.parquet", "/*" * len(keys) + "/*.parquet")
    return replace(table, file=pattern, columns=tuple(_column(table, name, own) for name, own in types.items()))


def _column(table: Table, name: str, own: str) -> Column:
    known = table.column(name)
    if known is None:
        return Column(name=name, type=own, meaning="", null="unknown")
    return replace(known, name=name, type=own if known.type in OWN_TYPES else known.type, optional=None)
