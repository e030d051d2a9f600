"""Words for customers, picked from a short list by position."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


def picked(words: Sequence[str], position: pl.Expr, dtype: pl.DataType | None = None) -> pl.Expr:
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
    return _filled(column.indices.cast(pa.uint16()), len(column.dictionary))


def filled(numbers: pl.Series, instead: int) -> NDArray[Any]:
    """Whole numbers as an array, with one instead of null."""
    return _filled(numbers.to_arrow(), instead) if numbers.null_count() else numbers.to_numpy()


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """Arrays of Polars cannot be written to, others can: kernels are compiled for one of the two."""
    array.setflags(write=False)
    return array


def _filled(numbers: pa.Array, instead: int) -> NDArray[Any]:
    """Not `to_numpy`: that of Arrow imports pandas where there is one, a quarter of a second and 40 MB."""
    if numbers.null_count:
        numbers = pc.fill_null(numbers, pa.scalar(instead, numbers.type))
    dtype = np.dtype(numbers.type.to_pandas_dtype())
    if len(numbers) == 0:
        return np.empty(0, dtype)
    found: NDArray[Any] = np.frombuffer(numbers.buffers()[1], dtype, len(numbers), numbers.offset * dtype.itemsize)
    return found
