"""Frames in memory, or to be computed, as order files: Polars, and whatever gives an Arrow stream (pandas, DuckDB)."""

from collections.abc import Iterator
from typing import Any, Protocol, TypeGuard, runtime_checkable

import polars as pl
import pyarrow as pa

from whalecurve.engine.errors import InputError, reason
from whalecurve.engine.formats import odd_columns, readable_table
from whalecurve.engine.order_files.footers import UNREADABLE, OrderFile
from whalecurve.engine.runtime import lazy_tables


@runtime_checkable
class ArrowStream(Protocol):
    """What hands its rows over as an Arrow stream, by the PyCapsule interface."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The rows."""
        ...


@runtime_checkable
class ArrowDataset(Protocol):
    """What reads its rows anew each time, as a dataset of Arrow does, which is no stream."""

    schema: Any

    def count_rows(self) -> int:
        """How many there are."""
        ...

    def to_batches(self, *, columns: list[str]) -> Iterator[Any]:
        """The rows, batch by batch."""
        ...


Frame = pl.LazyFrame | ArrowStream | ArrowDataset
THE_FRAME = "the frame"


def is_frame(source: object) -> TypeGuard[Frame]:
    """Whether rows are given, rather than where they are."""
    return isinstance(source, pl.LazyFrame | ArrowStream | ArrowDataset)


def frame_file(source: Frame, name: str) -> OrderFile:
    """The rows of a frame as a file; `name` is what messages call it.

    A lazy frame is computed, and a dataset read, as often as orders are read. Polars and Arrow tables are read where
    they are; all else is taken over as an Arrow table at once, in the types that it would have in a Parquet file, since
    a stream can be read but once.

    Raises
    ------
    InputError
        What cannot be had as a table.
    """
    try:
        if isinstance(source, pl.LazyFrame | pl.DataFrame):
            schema = dict(source.collect_schema())
            return OrderFile(
                path=name,
                n_rows=source.height if isinstance(source, pl.DataFrame) else None,
                n_bytes=None,
                schema=schema,
                unreadable={column: str(dtype) for column, dtype in schema.items() if isinstance(dtype, pl.Object)},
                kind="frame",
                source=source.lazy(),
            )
        if isinstance(source, ArrowDataset):
            return _dataset_file(source, name)
        table = pa.table(source)
        told = odd_columns(table.schema)
        readable = [column for column in table.column_names if column not in told["unreadable"]]
        lines = readable_table(table.select(readable)).lazy()
    except (*UNREADABLE, TypeError, ValueError) as error:
        raise InputError(f"{name}: cannot be had as a table ({reason(error)}); give one of plain columns") from error
    return OrderFile(path=name, n_rows=table.num_rows, n_bytes=None, kind="frame", source=lines, **told)


def _dataset_file(source: ArrowDataset, name: str) -> OrderFile:
    told = odd_columns(source.schema)
    schema = {column: dtype for column, dtype in told["schema"].items() if column not in told["unreadable"]}

    def tables(asked: list[str] | None) -> Iterator[pl.DataFrame]:
        names = list(schema) if asked is None else asked
        for batch in source.to_batches(columns=names):
            yield readable_table(pa.Table.from_batches([batch])).cast({column: schema[column] for column in names})

    lines = lazy_tables(tables, pl.Schema(schema))
    return OrderFile(path=name, n_rows=source.count_rows(), n_bytes=None, kind="frame", source=lines, **told)
