"""What a file says of itself: a footer of Parquet or Arrow, the first lines of a text."""

import binascii
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from whalecurve.engine.errors import InputError, reason
from whalecurve.engine.formats import (
    GZIP,
    LONGEST_MAGIC,
    ZIP,
    ZSTD,
    Kind,
    TextLayout,
    arrow_schema,
    has_checksum,
    is_odd,
    kind_named,
    kind_of,
    n_arrow_rows,
    odd_columns,
    opening_options,
    read_head,
    refuse_tables_behind,
    refuse_unreachable,
    says_types,
    written_schema,
)
from whalecurve.engine.object_stores import Listed, opened, redacted, scan_options
from whalecurve.engine.paths import irregular, is_object_url, is_url, refuse_impossible

UNREADABLE = (
    pa.ArrowException,
    pl.exceptions.PolarsError,
    pl.exceptions.PanicException,  # no ordinary exception
    UnicodeDecodeError,
    binascii.Error,
    OSError,
)
"""What a damaged footer makes Polars, Arrow and Python raise."""

KIND_NAMES: dict[Kind, str] = {"parquet": "Parquet", "arrow": "Arrow", "text": "text"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFile:
    """One file, object, frame, table or query. `n_rows` and `n_bytes` are None for a web URL, which Polars opens.

    The rows of a text file are not counted either, unless it has none, nor are those of a lazy frame.

    schema : columns of the file and of its path
    partitions : the columns of its path (`year=2024/shop=north/`); where the file has them too, the path decides
    unreadable : columns of a type that cannot be read, with the type; they are in the schema all the same
    zones : columns of times in a zone that nobody knows, with its name; in the schema they are in UTC
    is_odd : whether Polars stumbles over a column, mapped or not, so that Arrow has to read the file
    has_checksums : whether its pages have checksums that can be checked: those of objects are not
    kind : of file; the seam between how they are read
    layout : how a text file is written, with columns in `schema` of the types that their cells are read in
    n_rows_about : rows of a text file, estimated from its first ones
    source : the rows of what is no file: a frame, a table of a format, the answer to a query
    origin : what a record says of it besides, as the version of a table, or the ETag of an object
    """

    path: str
    n_rows: int | None
    n_bytes: int | None
    schema: dict[str, pl.DataType]
    partitions: tuple[str, ...] = ()
    unreadable: dict[str, str] = field(default_factory=dict)
    zones: dict[str, str] = field(default_factory=dict)
    is_odd: bool = False
    has_checksums: bool = False
    kind: Kind = "parquet"
    layout: TextLayout | None = None
    n_rows_about: int | None = None
    source: pl.LazyFrame | None = None
    origin: dict[str, Any] = field(default_factory=dict)


def scan_url(
    path: str, *, file: str | None = None, row: str | None = None, is_first_look: bool = False
) -> pl.LazyFrame:
    """The rows behind a URL, with the columns of its path, and columns for file and row number where named.

    A first look gives up on a store that does not answer.
    """
    hive = True if "=" in path else None  # None: for directories
    return pl.scan_parquet(
        path,
        hive_partitioning=hive,
        extra_columns="ignore",
        include_file_paths=file,
        row_index_name=row,
        use_statistics=False,  # see `scan_rows`
        storage_options=opening_options() if is_first_look else None,
    )


def read_footer(path: str, encoding: str | None = None) -> OrderFile:
    """Rows, bytes and columns of a file; `encoding` is that of a text.

    Raises
    ------
    InputError
        A file that is not there, may not be read, or is of no kind that can be.
    """
    kind: Kind = "parquet"
    with _named(path, kind):
        if is_url(path):
            return _opened(path)
        _refuse_irregular(path)
        with Path(path).open("rb") as file:
            head = file.read(LONGEST_MAGIC)
        if head.startswith(ZIP):
            raise InputError(f"{path}: a zip archive or a workbook; unpack it, or save its sheet as CSV")
        kind = kind_of(path, head)
    with _named(path, kind):
        if kind == "text":
            return _text_file(path, encoding, is_compressed=head.startswith((GZIP, ZSTD)))
        return _arrow_file(path) if kind == "arrow" else _parquet_file(path, Path(path).stat().st_size)


def read_object(listed: Listed) -> OrderFile:
    """The same of an object, whose bytes and ETag its store has listed.

    Raises
    ------
    InputError
        One of another kind than Parquet, or that cannot be read.
    """
    url = listed.location.url
    refuse_other_kinds(url)
    with _named(url, "parquet"):
        file = _parquet_file(url, listed.object.n_bytes)
    return replace(file, origin={"e_tag": listed.object.e_tag})


def refuse_other_kinds(url: str) -> None:
    """Make sure that what a URL names is not called a file of another kind than Parquet.

    Raises
    ------
    InputError
        It is: from a store, such files are not read.
    """
    if kind_named(url) in ("arrow", "text"):
        raise InputError(f"{url}: of object stores, Parquet alone is read; copy it to a local file first")


def _parquet_file(path: str, n_bytes: int) -> OrderFile:
    lines = pl.scan_parquet(path, hive_partitioning=False, glob=False, **scan_options(path))
    try:
        footer = _read_by_arrow(path, n_bytes)
    except pa.ArrowNotImplementedError:
        # Arrow refuses the whole footer for one type that Polars alone knows, as Int128: such a file was written by
        # Polars, has no checksums, and no column that Polars could not read.
        return OrderFile(
            path=path,
            n_rows=int(lines.select(pl.len()).collect().item()),
            n_bytes=n_bytes,
            schema=dict(lines.collect_schema()),
        )
    is_read_by_arrow = any(is_odd(column.type) for column in footer.columns)
    told: dict[str, Any] = (
        odd_columns(footer.columns) if is_read_by_arrow else {"schema": dict(lines.collect_schema()) | footer.times}
    )
    return OrderFile(
        path=path,
        n_rows=footer.n_rows,
        n_bytes=n_bytes,
        is_odd=is_read_by_arrow,
        has_checksums=footer.has_checksums,
        **told,
    )


def _arrow_file(path: str) -> OrderFile:
    columns = arrow_schema(path)
    return OrderFile(
        path=path, n_rows=n_arrow_rows(path), n_bytes=Path(path).stat().st_size, kind="arrow", **odd_columns(columns)
    )


COMPRESSED = 5
"""How much more text there is than bytes of it compressed, about."""


def _text_file(path: str, encoding: str | None, *, is_compressed: bool) -> OrderFile:
    head, n_bytes = read_head(path, encoding), Path(path).stat().st_size
    return OrderFile(
        path=path,
        n_rows=0 if head.is_empty else None,
        n_bytes=n_bytes,
        schema=dict.fromkeys(head.layout.names, pl.String()),
        kind="text",
        layout=head.layout,
        n_rows_about=int(n_bytes * (COMPRESSED if is_compressed else 1) / head.bytes_a_row),
    )


@contextmanager
def _named(path: str, kind: Kind) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file ({reason(error)}); check the path") from error
    except PermissionError as error:
        raise InputError(f"{path}: may not be read ({reason(error)}); check its permissions") from error
    except UNREADABLE as error:
        raise InputError(
            f"{path}: not a readable {KIND_NAMES[kind]} file ({redacted(reason(error))}); export the file again, or "
            f"exclude it"
        ) from error


def _opened(url: str) -> OrderFile:
    refuse_other_kinds(url)
    refuse_unreachable(url)
    schema = dict(scan_url(url, is_first_look=True).collect_schema())
    refuse_tables_behind(url)
    return OrderFile(path=url, n_rows=None, n_bytes=None, schema=schema)


def _refuse_irregular(path: str) -> None:
    """Among many files, what would be waited for, or never ends."""
    refuse_impossible(path, path)
    if kind := irregular(path):
        raise InputError(f"{path}: {kind}, expected a file; move it elsewhere, or name the files of orders alone")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Footer:
    """What Arrow says of a file.

    times : the type to read times in that have the 96 bits of older writers, where the writer did not say which type
        they are of. Taken for nanoseconds, years such as 1 and 9999, which stand for "unknown" in many a warehouse, do
        not fit.
    """

    n_rows: int
    columns: pa.Schema
    times: dict[str, pl.DataType]
    has_checksums: bool


def _read_by_arrow(path: str, n_bytes: int) -> _Footer:
    with opened(path, n_bytes) as file:  # a path would be taken for a URL where it holds a colon
        parquet = pq.ParquetFile(file, coerce_int96_timestamp_unit="us")
        columns = written_schema(parquet)
        is_guessed = not says_types(parquet) and _has_times(columns)
        leaves = [parquet.schema.column(i) for i in range(len(parquet.schema))] if is_guessed else []
        wide = {leaf.path for leaf in leaves if leaf.physical_type == "INT96"}
        return _Footer(
            n_rows=int(parquet.metadata.num_rows),
            columns=columns,
            times={name: pl.Datetime("us") for name in columns.names if name in wide},
            has_checksums=not is_object_url(path) and has_checksum(file.fileno(), parquet.metadata),
        )


def _has_times(columns: pa.Schema) -> bool:
    return any(pa.types.is_timestamp(column.type) for column in columns)
