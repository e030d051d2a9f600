"""Files of one log that disagree on a column: one type for all of them, or one line that says which two differ."""

from collections.abc import Iterable

import polars as pl

from whalecurve.engine.errors import InputError
from whalecurve.engine.files import OrderFile

TIME_UNITS = ("ms", "us", "ns")  # coarse to fine


def common_types(names: Iterable[str], files: list[OrderFile]) -> dict[str, pl.DataType]:
    """The type that each of the named columns takes in every file that has it.

    Integers widen, floats and decimals meet in Float64, categories become strings, times take the finest
    precision, a column without any value follows the others.

    Raises
    ------
    InputError
        Types that have nothing in common, zoned beside naive times, two time zones.
    """
    return {name: _common_type(name, files) for name in names}


def _common_type(name: str, files: list[OrderFile]) -> pl.DataType:
    kept: pl.DataType | None = None
    kept_in = ""
    for file in files:
        if name not in file.schema:
            continue
        found = _plain(file.schema[name])
        if kept is None or kept == pl.Null():
            kept, kept_in = found, file.path
        elif found not in (kept, pl.Null()):
            joined = _joined(kept, found)
            if joined is None:
                raise InputError(
                    f'{file.path}: column "{name}" is {found}, but {kept} in {kept_in}; write both files with one type'
                )
            kept = joined
    assert kept is not None, "asked only for columns that some file has"
    return kept


def _plain(dtype: pl.DataType) -> pl.DataType:
    return pl.String() if isinstance(dtype, pl.Categorical | pl.Enum) else dtype


def _joined(a: pl.DataType, b: pl.DataType) -> pl.DataType | None:
    if a.is_integer() and b.is_integer():
        unsigned = a.is_unsigned_integer() and b.is_unsigned_integer()
        if unsigned or pl.UInt64() not in (a, b):
            return pl.UInt64() if unsigned else pl.Int64()
        return None  # a signed and an unsigned 64-bit integer have no common integer type
    if a.is_numeric() and b.is_numeric():
        return pl.Float64()
    if isinstance(a, pl.Datetime) and isinstance(b, pl.Datetime) and a.time_zone == b.time_zone:
        return pl.Datetime(max(a.time_unit, b.time_unit, key=TIME_UNITS.index), a.time_zone)
    for day, other in ((a, b), (b, a)):
        if isinstance(day, pl.Date) and isinstance(other, pl.Datetime) and other.time_zone is None:
            return other
    return None
