"""A sample of an order log: some rows of some files, from all over them."""

from collections.abc import Sequence

import polars as pl

from whalecurve.engine.errors import InputError, reason
from whalecurve.engine.order_files import UNREADABLE, OrderFile, named, scan_file

SAMPLE_ROWS = 2_000
MOST_FILES = 3
PIECES = 4
"""Pieces that are read of a file whose number of rows is known: its first rows are often of one day."""


def sample_of(files: Sequence[OrderFile], n_rows: int = SAMPLE_ROWS) -> pl.DataFrame:
    """Rows of the first, the middle and the last file, in the order of the log; a column of several types as text.

    Raises
    ------
    InputError
        A file that cannot be read.
    """
    having = [file for file in files if file.n_rows != 0]
    if not having:
        schema = {name: dtype for file in files for name, dtype in file.schema.items()}
        return pl.DataFrame(schema=schema)
    chosen = sorted({0, len(having) // 2, len(having) - 1}) if len(having) >= MOST_FILES else range(len(having))
    try:
        pieces = [piece for at in chosen for piece in _pieces(having[at], n_rows // len(chosen))]
    except UNREADABLE as error:
        raise InputError(f"{named(files)}: cannot be read ({reason(error)}); write the file again") from error
    return pl.concat(_of_one_type(pieces), how="diagonal")


def _pieces(file: OrderFile, n_rows: int) -> list[pl.DataFrame]:
    rows = scan_file(file).select([name for name in file.schema if name not in file.unreadable])
    if file.n_rows is None or file.n_rows <= n_rows:
        return [rows.head(n_rows).collect(engine="streaming")]
    size = n_rows // PIECES
    starts = [(file.n_rows - size) * piece // (PIECES - 1) for piece in range(PIECES)]
    return pl.collect_all([rows.slice(start, size) for start in starts], engine="streaming")


def _of_one_type(pieces: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """The pieces with each column in one type; text where the files disagree."""
    types: dict[str, set[pl.DataType]] = {}
    for piece in pieces:
        for name, dtype in piece.schema.items():
            types.setdefault(name, set()).add(dtype)
    torn = {name for name, found in types.items() if len(found) > 1}
    nested = {name for name in torn if any(dtype.is_nested() for dtype in types[name])}
    return [
        piece.drop(nested, strict=False).with_columns(
            pl.col(name).cast(pl.String) for name in (torn - nested) & set(piece.columns)
        )
        for piece in pieces
    ]
