"""Files of one log that disagree on a column: one type for all of them, or one line that says which two differ."""

from collections.abc import Callable, Iterable
from contextlib import suppress

import polars as pl

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.order_files.footers import OrderFile
from whalecurve.engine.order_files.names import column_names

HOLDS: dict[pl.DataType, set[pl.DataType]] = {
    pl.Int64(): {pl.Int8(), pl.Int16(), pl.Int32(), pl.Int64(), pl.UInt8(), pl.UInt16(), pl.UInt32()},
    pl.UInt64(): {pl.UInt8(), pl.UInt16(), pl.UInt32(), pl.UInt64()},
}
"""The integers that a 64-bit one holds; a mixture that neither holds has no common type."""


UTC_NAMES = {"UTC", "Etc/UTC", "Etc/UCT", "UCT", "Zulu", "Etc/Zulu", "GMT", "Etc/GMT", "Universal", "Etc/Universal"}


def plain_values(name: str, dtype: pl.DataType) -> tuple[pl.Expr, pl.DataType]:
    """A column and its type; where others have defined the type, as it is stored."""
    return (
        (pl.col(name).ext.storage(), _stored(dtype)) if isinstance(dtype, pl.BaseExtension) else (pl.col(name), dtype)
    )


def _stored(dtype: pl.DataType) -> pl.DataType:
    """What the values of a type are stored as, if others have defined it."""
    if not isinstance(dtype, pl.BaseExtension):
        return dtype
    storage = dtype.ext_storage()
    return storage() if isinstance(storage, type) else storage


def common_types(names: Iterable[str], files: list[OrderFile], timezone: str | None = None) -> dict[str, pl.DataType]:
    """The type that each of the named columns takes in every file that has it.

    Integers widen, floats and decimals meet in Float64, categories become strings, times take the coarser
    precision (the finer one has no room for late dates) and never nanoseconds, a column without any value follows the
    others. Zoned times are instants: they meet in `timezone` where it is given. Files without rows have no say where
    others have rows.

    Raises
    ------
    InputError
        Types that have nothing in common, zoned beside naive times; two time zones, or one that nobody knows, where no
        `timezone` says whose days count.
    """
    return {name: _common_type(name, files, timezone) for name in names}


def agreed_types(files: list[OrderFile], is_wanted: Callable[[str, list[pl.DataType]], bool]) -> dict[str, pl.DataType]:
    """The columns that can be read in every file that has them, in types that have something in common.

    is_wanted : of a column and its types in the files that have it, whether it is asked for
    """
    agreed: dict[str, pl.DataType] = {}
    for name in column_names(files):
        if any(name in file.unreadable for file in files):
            continue
        if is_wanted(name, [file.schema[name] for file in files if name in file.schema]):
            with suppress(InputError):
                agreed |= common_types([name], files)
    return agreed


def _common_type(name: str, files: list[OrderFile], timezone: str | None) -> pl.DataType:
    file_of: dict[pl.DataType, str] = {}
    having = [file for file in files if name in file.schema]
    for file in [file for file in having if file.n_rows != 0] or having:
        file_of.setdefault(_plain(file.schema[name], file.zones.get(name), timezone), file.path)
    types = [dtype for dtype in file_of if dtype != pl.Null()] or [pl.Null()]
    joined = _joined(types)
    if joined is None:
        first = types[0]
        other = next((dtype for dtype in types[1:] if _joined([first, dtype]) is None), types[1])
        raise InputError(
            f'{file_of[other]}: column "{name}" is {other}, but {first} in {file_of[first]}; {_way_out(other, first)}'
        )
    if isinstance(joined, pl.Datetime) and joined.time_zone in {
        file.zones[name] for file in having if name in file.zones
    }:
        raise InputError(
            f'{file_of[types[0]]}: the time zone of column "{name}", "{joined.time_zone}", is none that is known; its '
            f"times are instants all the same, so say whose calendar days count with {setting('timezone', 'ZONE')}"
        )
    return joined


def _way_out(one: pl.DataType, other: pl.DataType) -> str:
    if all(isinstance(dtype, pl.Datetime) and dtype.time_zone is not None for dtype in (one, other)):
        return f"both are instants, so say whose calendar days count with {setting('timezone', 'ZONE')}"
    return "write both files with one type"


def _plain(dtype: pl.DataType, unknown_zone: str | None, timezone: str | None) -> pl.DataType:
    """A file's type as far as it matters.

    Categories are strings, nanoseconds microseconds, zoned times those of `timezone` where it is given. Types that
    others have defined, as JSON, are what they are stored as.
    """
    dtype = _stored(dtype)
    if isinstance(dtype, pl.Datetime):
        return pl.Datetime(
            "ms" if dtype.time_unit == "ms" else "us", dtype.time_zone and (timezone or unknown_zone or dtype.time_zone)
        )
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
    zones = {zone for _, zone in zoned}
    if len(zoned) < len(types) or (len(zones) > 1 and not zones <= UTC_NAMES):
        return None
    units = {unit for unit, _ in zoned}
    return pl.Datetime(
        "ms" if "ms" in units else "us" if "us" in units else "ns", "UTC" if len(zones) > 1 else zones.pop()
    )
