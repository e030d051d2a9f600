"""Delta Lake and Iceberg tables as order files: the rows of one version, whatever files its directory holds.

Both are read by Polars, batch by batch, from what the libraries of the formats say of the current version: replaced and
deleted rows, deletion vectors, partition columns and columns that came later are as the table has them. The version is
found once, when the table is opened: what is written meanwhile does not change what is read.
"""

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl

from whalecurve.engine.errors import InputError, reason
from whalecurve.engine.extras import needed
from whalecurve.engine.formats import DELTA, ICEBERG
from whalecurve.engine.object_stores import table_options
from whalecurve.engine.order_files.footers import UNREADABLE, OrderFile
from whalecurve.engine.paths import is_object_url

NUMBERED = re.compile(r"v?(\d+)(?:-.*)?(?:\.gz)?\.metadata\.json(?:\.gz)?")
"""Names of an Iceberg table's metadata files, `00012-....metadata.json` with a catalog, `v12.metadata.json` without."""


def open_table(path: str, kind: str) -> OrderFile:
    """The current rows of a table; `path` is its directory, or its URL, or one of an Iceberg table's metadata files.

    Raises
    ------
    InputError
        The extra for the format is not installed; a table that cannot be read, or not by Polars.
    """
    return _delta_table(path) if kind == DELTA else _iceberg_table(path)


def is_metadata(path: str) -> bool:
    """Whether a file is named as an Iceberg table's metadata are."""
    return NUMBERED.fullmatch(Path(path).name) is not None


def unpruned(lines: pl.LazyFrame) -> pl.LazyFrame:
    """The rows, so that conditions are answered by them alone and not by statistics, as those of files are."""
    return lines.map_batches(lambda batch: batch, predicate_pushdown=False, streamable=True)


def _delta_table(path: str) -> OrderFile:
    place = f"{path}: {DELTA}"
    deltalake = needed("deltalake", extra="delta", place=place)
    try:
        if is_object_url(path):
            table = deltalake.DeltaTable(path, storage_options=table_options(path))
        else:
            table = deltalake.DeltaTable(str(Path(path).absolute()))
        _name_files_as_they_are(table, path)
        return _as_file(path, pl.scan_delta(table), {"format": "delta", "version": table.version()})
    except (deltalake.exceptions.DeltaError, *UNREADABLE) as error:
        raise _unreadable(place, error) from error


def _name_files_as_they_are(table: Any, path: str) -> None:  # noqa: ANN401 - of a library that may not be there
    """Let a table in a directory of an unusual name say its files: the library writes ` ` as `%20`, and so on.

    Raises
    ------
    InputError
        Rows are marked as deleted there, which goes by such names, too.
    """
    root = table.table_uri.removeprefix("file://")
    if unquote(root) == root:
        return
    if "deletionVectors" in (table.protocol().reader_features or ()) and pl.DataFrame(table.deletion_vectors()).height:
        raise InputError(
            f"{path}: {DELTA} with deletion vectors, in a directory whose name is more than letters of ASCII and "
            f"digits; move it to a plain path, or export its current rows to Parquet"
        )
    files = [unquote(root) + name.removeprefix(root) for name in table.file_uris()]
    table.file_uris = lambda: files


def _iceberg_table(path: str) -> OrderFile:
    place = f"{path}: {ICEBERG}"
    tables = needed("pyiceberg.table", extra="iceberg", place=place)
    invalid: type[Exception] = needed("pyiceberg.exceptions", extra="iceberg", place=place).ValidationError
    try:
        metadata = Path(path) if is_metadata(path) else _latest(Path(path))
        table = tables.StaticTable.from_metadata(str(metadata.absolute()))
        snapshot = table.current_snapshot()
        # as text: whole numbers of 19 digits are more than many readers of JSON hold
        origin = {"format": "iceberg", "snapshot": str(snapshot.snapshot_id) if snapshot is not None else None}
        return _as_file(path, pl.scan_iceberg(table), origin)
    except (invalid, ValueError, NotImplementedError, *UNREADABLE) as error:
        raise _unreadable(place, error) from error


def _latest(directory: Path) -> Path:
    """The newest metadata file: the one that a table without a catalog points to, else the one with the last number.

    Of several with that number, which writers leave that were in each other's way, the one that was written last.
    """
    folder = directory / "metadata"
    if (folder / "version-hint.text").is_file():
        hint = (folder / "version-hint.text").read_text(encoding="utf-8").strip()
        name = hint if hint.endswith(".metadata.json") else f"{'v' if hint.isnumeric() else ''}{hint}.metadata.json"
        if (folder / name).is_file():
            return folder / name
    numbers = {path: int(match[1]) for path in folder.iterdir() if (match := NUMBERED.fullmatch(path.name))}
    if not numbers:
        raise ValueError("no metadata file of a name that is known")
    last = max(numbers.values())
    return max((path for path, n in numbers.items() if n == last), key=lambda path: (path.stat().st_mtime_ns, path))


def _as_file(path: str, rows: pl.LazyFrame, origin: dict[str, Any]) -> OrderFile:
    return OrderFile(
        path=path,
        n_rows=int(rows.select(pl.len()).collect(engine="streaming").item()),
        n_bytes=None,
        schema=dict(rows.collect_schema()),
        kind="table",
        source=rows,
        origin=origin,
    )


def _unreadable(place: str, error: BaseException) -> InputError:
    return InputError(f"{place} that cannot be read ({reason(error)}); fix it, or export its current rows to Parquet")
