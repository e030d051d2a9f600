"""Decimals that a database sends as text, since they have no most digits there; and columns of its own types.

PostgreSQL's NUMERIC has no scale unless one is declared. Its digits are counted as they come, and in the end the column
is of the narrowest decimal that holds them all: exact, as in a Parquet file.
"""

import polars as pl
import pyarrow as pa

MOST_DIGITS = 38
"""Digits of a decimal; a column with more of them is floats, as those of files are."""

NUMBER = r"^-?(\d+)(?:\.(\d+))?$"
"""What is no such text, NaN and Infinity, is null in the end, and refused where money is wanted."""


def without_extensions(columns: pa.Schema) -> pa.Schema:
    """The columns in types that everybody knows: those of the database's own as they are stored, categories as text."""
    return pa.schema([pa.field(column.name, _plain(column.type)) for column in columns])


def _plain(dtype: pa.DataType) -> pa.DataType:
    if isinstance(dtype, pa.BaseExtensionType):
        return _plain(dtype.storage_type)
    return dtype.value_type if pa.types.is_dictionary(dtype) else dtype


class DecimalTexts:
    """The columns of an answer that are decimals as text, and how many digits they have."""

    def __init__(self, columns: pa.Schema) -> None:
        """Nothing seen yet."""
        self._digits = {column.name: (0, 0) for column in columns if _is_numeric(column.type)}

    def seen(self, batch: pa.RecordBatch, columns: pa.Schema) -> pa.RecordBatch:
        """The batch in these columns, its digits counted."""
        plain = pa.RecordBatch.from_arrays([_stored(array) for array in batch.columns], schema=columns)
        for name, (before, after) in self._digits.items():
            text = pl.from_arrow(plain[name])
            assert isinstance(text, pl.Series), "an array is a series"
            parts = text.str.extract_groups(NUMBER).struct
            here = [int(parts[i].str.len_bytes().max() or 0) for i in (0, 1)]  # type: ignore[arg-type]
            self._digits[name] = max(before, here[0]), max(after, here[1])
        return plain

    @property
    def types(self) -> dict[str, pl.DataType]:
        """The type of each of the columns, by all that was seen."""
        return {
            name: pl.Decimal(max(1, before + after), after) if before + after <= MOST_DIGITS else pl.Float64()
            for name, (before, after) in self._digits.items()
        }


def _is_numeric(dtype: pa.DataType) -> bool:
    return isinstance(dtype, pa.OpaqueType) and dtype.type_name == "numeric"


def _stored(array: pa.Array) -> pa.Array:
    if isinstance(array, pa.ExtensionArray):
        return _stored(array.storage)
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
