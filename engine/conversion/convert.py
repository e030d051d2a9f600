"""Order lines of any kind of files -> Parquet, which is read many times as fast: all columns, lines in their order."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.errors import InputError, listed, reason, setting
from whalecurve.engine.notebook import Displayed
from whalecurve.engine.order_files import (
    UNREADABLE,
    OrderFile,
    Paths,
    column_names,
    common_types,
    find_all,
    free_name,
    named,
    scan_alike,
    scan_text,
    typed_for,
)
from whalecurve.engine.paths import refuse_impossible, refuse_url
from whalecurve.engine.publication import published
from whalecurve.engine.settings import DEFAULT_NAMES, Columns, Given, taken
from whalecurve.engine.stages import OnStage, Stages

ROWS_PER_FILE, ROW_GROUP = 2_500_000, 500_000

LEFT_OUT = "_unreadable.parquet"
"""Lines that were left out, in a file that is passed over where its directory is read."""

FAULT, FILE, ROW = "found", "file", "row"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Converted(Displayed):
    """What was converted.

    columns : with the type of each
    n_left_out : lines that could not be read, in `_unreadable.parquet`
    n_bytes_before : of the files that were read; None where one of them is behind a URL
    passed_over : files of directories that were not read
    """

    path: Path
    columns: dict[str, str]
    n_files: int
    n_rows: int
    n_left_out: int
    n_bytes_before: int | None
    n_bytes: int
    passed_over: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {
            "orders": str(self.path),
            "columns": self.columns,
            "files": self.n_files,
            "rows": self.n_rows,
            "left_out": self.n_left_out,
            "bytes_before": self.n_bytes_before,
            "bytes": self.n_bytes,
            "passed_over": list(self.passed_over),
        }

    def facts(self) -> dict[str, object]:
        """Rows and bytes, and where they are."""
        return {
            "rows": self.n_rows,
            "columns": len(self.columns),
            "bytes": self.n_bytes,
            "left out": self.n_left_out,
            "in": self.path,
        }


def convert(
    orders: Paths,
    out: str | Path,
    *,
    columns: Columns | Given | None = None,
    text: Collection[str] = (),
    encoding: str | None = None,
    skip_unreadable: bool = False,
    on_stage: OnStage | None = None,
) -> Converted:
    """Write an order log as Parquet files in a new directory, whole or not at all.

    Parameters
    ----------
    orders
        Files (Parquet, Arrow, CSV), directories, globs or URLs.
    out
        A directory that is not there yet, or is empty.
    columns
        Which columns are the customer's and the order's ids: they stay text, as they do where the text itself is
        scored. None: `customer_id` and `order_id`. SQL expressions have no say.
    text
        More columns of text files that stay text. Others are of the types that a sample shows.
    encoding
        Of text files; None: UTF-8, or what a byte order mark says.
    skip_unreadable
        Leave out the lines of text files that cannot be read, and list them in `_unreadable.parquet`, with file, row
        and what was found there. False: such a line is an error.
    on_stage
        Called with the name of each stage as it begins.

    Returns
    -------
    Converted
        Files, rows and columns that were written.

    Raises
    ------
    InputError
        Files that cannot be read, or disagree on the type of a column; no rows; an `out` that is in use.

    Examples
    --------
    >>> import whalecurve as wc
    >>> import polars as pl
    >>> pl.DataFrame({"customer_id": ["007"], "order_ts": ["2025-06-30"], "amount": [9.5]}).write_csv("till.csv")
    >>> done = wc.convert("till.csv", "till")
    >>> pl.read_parquet("till/*.parquet")["customer_id"].item()
    '007'
    """
    target = Path(out)
    _refuse_occupied(target)
    _check_encoding(encoding)
    found = find_all(orders, encoding)
    files = _typed(found.files, text, taken(Columns, columns) or Columns())
    types = common_types(column_names(files), files)
    with published(target) as staging:
        with Stages(on_stage).stage("convert"):
            n_left_out = _write(files, types, staging, skip_unreadable=skip_unreadable)
        parts = sorted(staging.glob("[!_]*.parquet"))
        n_rows = sum(_n_rows(part) for part in parts)
        n_bytes = sum(part.stat().st_size for part in parts)
    sizes = [file.n_bytes for file in files]
    return Converted(
        path=target,
        columns={name: str(dtype) for name, dtype in types.items()},
        n_files=len(parts),
        n_rows=n_rows,
        n_left_out=n_left_out,
        n_bytes_before=sum(size or 0 for size in sizes) if None not in sizes else None,
        n_bytes=n_bytes,
        passed_over=found.passed_over,
    )


def _typed(files: list[OrderFile], text: Collection[str], columns: Columns) -> list[OrderFile]:
    """The files with rows, their columns of the types that they are written in."""
    ids = {*_ids(columns), *text}
    typed = typed_for(_with_columns(files, text), ids=ids, numbers=(), parts=(), times=())
    filled = [file for file in typed if file.n_rows != 0]
    if not filled:
        raise InputError(f"{named(files)}: no rows at all; name the files that hold the orders")
    return filled


def _ids(columns: Columns) -> list[str]:
    """The columns of ids; an empty name of the order's says that there is none."""
    order = DEFAULT_NAMES["order"] if columns.order is None else columns.order
    return [columns.customer or DEFAULT_NAMES["customer"], *([order] if order else [])]


def _refuse_occupied(out: Path) -> None:
    refuse_url(out, "out")
    refuse_impossible(out, str(out))
    if out.suffix.lower() == ".parquet":
        raise InputError(f"{out}: the name of a file, and a directory of files is written; name one")
    if out.is_dir() and any(out.iterdir()):
        raise InputError(f"{out}: the directory is not empty; choose another, or remove it")
    if out.exists() and not out.is_dir():
        raise InputError(f"{out}: there is a file of that name; choose another directory")


def _check_encoding(encoding: str | None) -> None:
    try:
        "a".encode(encoding or "utf-8")  # refuses what is no encoding of text, as rot13, too
    except (LookupError, ValueError) as error:
        raise InputError(
            f'{setting("encoding")} "{encoding}" is unknown; give one as latin-1, cp1252 or utf-16'
        ) from error


def _with_columns(files: list[OrderFile], text: Collection[str]) -> list[OrderFile]:
    """The files, if they have the columns that are to stay text, and all of theirs can be read."""
    names = column_names(files)
    for name in text:
        if name not in names:
            raise InputError(
                f'{named(files)}: no column "{name}", which {setting("text")} names; there are {listed(names)}'
            )
    for file in files:
        for name, dtype in file.unreadable.items():
            raise InputError(f'{file.path}: column "{name}" is {dtype}, which cannot be read; exclude it from the file')
    return files


def _write(files: list[OrderFile], types: dict[str, pl.DataType], folder: Path, *, skip_unreadable: bool) -> int:
    """Write all lines, and apart from them those that cannot be read; the number of these."""
    advice = f"fix it, or leave out what cannot be read with {setting('skip_unreadable', True)}"
    lines = scan_alike(files, types, advice=None if skip_unreadable else advice)
    parts = pl.PartitionBy(folder, max_rows_per_file=ROWS_PER_FILE)
    texts = [file for file in files if file.layout is not None]
    try:
        lines.sink_parquet(parts, compression="zstd", row_group_size=ROW_GROUP, statistics=True)
        if not (skip_unreadable and texts):
            return 0
        fault, file, row = (free_name(name, types) for name in (FAULT, FILE, ROW))
        lost = scan_text(texts, types, fault, file_name=file, row_name=row).filter(pl.col(fault).is_not_null())
        table = lost.select(pl.col(file).alias(FILE), pl.col(row).alias(ROW), pl.col(fault).alias(FAULT)).collect(
            engine="streaming"
        )
    except UNREADABLE as error:
        raise InputError(
            f"{named(files)}: cannot be read to its end ({reason(error)}); write the file again"
        ) from error
    if table.height:
        table.write_parquet(folder / LEFT_OUT, compression="zstd")
    return table.height


def _n_rows(part: Path) -> int:
    return int(pl.scan_parquet(part, glob=False, hive_partitioning=False).select(pl.len()).collect().item())
