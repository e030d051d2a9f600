"""Words for customers, picked from a short list by position."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray


def picked(words: Sequence[str | int | None], position: pl.Expr, dtype: pl.DataType | None = None) -> pl.Expr:
    """The word at each position; null where the position is.

    Not `replace_strict`: its plan held all rows in memory where this one streams.
    """
    return pl.lit(pl.Series(words, dtype=dtype or pl.String())).gather(position)


def labelled(labels: Sequence[str], position: pl.Expr) -> pl.Expr:
    """The label at each position, as an Enum of the labels in their order: a byte or two a customer, not a word."""
    return picked(labels, position, pl.Enum(list(dict.fromkeys(labels))))


def in_words(table: pl.DataFrame) -> pl.DataFrame:
    """The table with strings for labels."""
    return table.with_columns(
        picked(dtype.categories.to_list(), pl.col(name).to_physical()).alias(name)
        for name, dtype in table.schema.items()
        if isinstance(dtype, pl.Enum)
    )


def schema_in_words(schema: pl.Schema) -> pl.Schema:
    """The schema of `in_words`."""
    return pl.Schema({name: pl.String() if isinstance(dtype, pl.Enum) else dtype for name, dtype in schema.items()})


def positions(labels: pl.Series) -> NDArray[np.uint16]:
    """The position of each label of an Enum among its categories; their number for null.

    By Arrow: Polars wakes its threads for each such step, which takes ten times as long for the few rows of a batch.
    """
    column = labels.rechunk().to_arrow()
    assert isinstance(column, pa.DictionaryArray), "labels are Enums until they are written"
    return _filled(column.indices, len(column.dictionary)).astype(np.uint16, copy=False)


def filled(numbers: pl.Series, instead: int) -> NDArray[Any]:
    """Whole numbers as an array, with one instead of null."""
    return _filled(numbers.to_arrow(), instead) if numbers.null_count() else numbers.to_numpy()


def _filled(numbers: pa.Array, instead: int) -> NDArray[Any]:
    """From Arrow's memory: its `to_numpy` imports pandas where there is one, its `compute` is a library of its own."""
    dtype = np.dtype(numbers.type.to_pandas_dtype())
    n, start = len(numbers), numbers.offset
    if n == 0:
        return np.empty(0, dtype)
    validity, values = numbers.buffers()
    plain: NDArray[Any] = np.frombuffer(values, dtype, n, start * dtype.itemsize)
    if not numbers.null_count:
        return plain
    bits = np.frombuffer(validity, np.uint8, (start + n + 7) // 8)
    is_valid = np.unpackbits(bits, count=start + n, bitorder="little")[start:].view(np.bool_)
    return np.where(is_valid, plain, np.asarray(instead, dtype))
