"""Files of one log that disagree on a column: one type for all of them, or one line that says which two differ."""

from collections.abc import Iterable

import polars as pl

from whalecurve.engine.errors import InputError
from whalecurve.engine.orders.files import OrderFile

HOLDS: dict[pl.DataType, set[pl.DataType]] = {
    pl.Int64(): {pl.Int8(), pl.Int16(), pl.Int32(), pl.Int64(), pl.UInt8(), pl.UInt16(), pl.UInt32()},
    pl.UInt64(): {pl.UInt8(), pl.UInt16(), pl.UInt32(), pl.UInt64()},
}
"""The integers that a 64-bit one holds; a mixture that neither holds has no common type."""


def common_types(names: Iterable[str], files: list[OrderFile]) -> dict[str, pl.DataType]:
    """The type that each of the named columns takes in every file that has it.

    Integers widen, floats and decimals meet in Float64, categories become strings, times take the coarser
    precision (the finer one has no room for late dates), a column without any value follows the others.

    Raises
    ------
    InputError
        Types that have nothing in common, zoned beside naive times, two time zones.
    """
    return {name: _common_type(name, files) for name in names}


def _common_type(name: str, files: list[OrderFile]) -> pl.DataType:
    found: dict[pl.DataType, str] = {}
    for file in files:
        if name in file.schema:
            found.setdefault(_plain(file.schema[name]), file.path)
    types = [dtype for dtype in found if dtype != pl.Null()] or [pl.Null()]
    joined = _joined(types)
    if joined is None:
        first = types[0]
        other = next((dtype for dtype in types[1:] if _joined([first, dtype]) is None), types[1])
        raise InputError(
            f'{found[other]}: column "{name}" is {other}, but {first} in {found[first]}; write both files with one type'
        )
    return joined


def _plain(dtype: pl.DataType) -> pl.DataType:
    return pl.String() if isinstance(dtype, pl.Categorical | pl.Enum) else dtype


def _joined(types: list[pl.DataType]) -> pl.DataType | None:
    """The common type of distinct types, in whatever order they come; None where there is none."""
    if len(types) == 1:
        return types[0]
    if all(dtype.is_integer() for dtype in types):
        return next((wide for wide, narrower in HOLDS.items() if narrower.issuperset(types)), None)
    if all(dtype.is_numeric() for dtype in types):
        return pl.Float64()
    times = [pl.Datetime("us") if isinstance(dtype, pl.Date) else dtype for dtype in types]
    zoned = [(dtype.time_unit, dtype.time_zone) for dtype in times if isinstance(dtype, pl.Datetime)]
    if len(zoned) < len(types) or len({zone for _, zone in zoned}) > 1:
        return None
    units = {unit for unit, _ in zoned}
    return pl.Datetime("ms" if "ms" in units else "us" if "us" in units else "ns", zoned[0][1])
