"""Customers who are not to be asked: those of files of ids, or of earlier samples."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from whalecurve.engine.errors import ColumnMissingError
from whalecurve.engine.order_files import Paths, open_customer_file
from whalecurve.engine.publication import CUSTOMER

SAMPLE = "sample.parquet"


def excluded_ids(sources: Sequence[Paths], key: str | None, dtype: pl.DataType) -> pl.DataFrame:
    """Different ids of all sources: customer_id in the type of the result.

    Parameters
    ----------
    sources
        Files, directories, globs, URLs or frames with a column of ids; the directory of an earlier sample stands for
        all on it, in the sample or in reserve.
    key
        The column of ids; None: customer_id, or the only column of the file.
    dtype
        Type of the ids in the result.

    Raises
    ------
    InputError
        A file that cannot be read, no such column, or ids of another type.
    """
    tables = [_ids(source, key, dtype) for source in sources]
    return pl.concat([pl.DataFrame(schema={CUSTOMER: dtype}), *tables]).unique()


def _ids(source: Paths, key: str | None, dtype: pl.DataType) -> pl.DataFrame:
    earlier = Path(source) / SAMPLE if isinstance(source, str | Path) else None
    if earlier is not None and earlier.is_file():
        file = open_customer_file(earlier, CUSTOMER, "exclude_key")
    else:
        file = open_customer_file(source, key or _usual_column(source), "exclude_key")
    rows = file.ids_as(dtype, "exclude_key")
    with file.read():
        return rows.select(pl.col(file.key).alias(CUSTOMER)).collect(engine="streaming")


def _usual_column(source: Paths) -> str:
    """The usual name of a column of ids, or that of the only column."""
    try:
        open_customer_file(source, CUSTOMER, "exclude_key")
    except ColumnMissingError as missing:
        if len(missing.available) == 1:
            return missing.available[0]
    return CUSTOMER
