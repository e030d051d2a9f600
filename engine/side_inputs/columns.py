"""What the columns of a side input say: their roles, usual names and types."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from whalecurve.engine.errors import ColumnTypeError, InputError, listed, setting
from whalecurve.engine.mapping import Role
from whalecurve.engine.money import to_fixed
from whalecurve.engine.orders import as_text
from whalecurve.engine.shop_exports import plain
from whalecurve.engine.side_inputs.nested import Nested
from whalecurve.engine.side_inputs.preset import SidePreset

Kind = Literal["customer", "text", "time", "number", "money", "flag"]
"""customer: an id, as in the orders; text: any plain value, as text; time: a date or time; money: fixed-point units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SideRole:
    """A column that a side input has, or may have.

    name : what it is called in the rows
    setting : the setting that names the column, or gives an SQL expression over columns
    usual : names of columns that are taken where nothing is given, compared without case, spaces and signs
    is_required : whether rows without a value are refused; a file must have it
    may_be_constant : whether it may be one value for all rows, as 'nps'
    """

    name: str
    setting: str
    kind: Kind
    usual: tuple[str, ...] = ()
    is_required: bool = True
    may_be_constant: bool = False


def written_for(
    roles: Sequence[SideRole],
    given: Mapping[str, str | None],
    available: Sequence[str],
    place: str,
    preset: SidePreset | None = None,
) -> dict[str, str | Nested]:
    """What is read for each role: as given, as the preset has it, or the column of a usual name.

    An empty text leaves an optional one out.

    Raises
    ------
    InputError
        A required column of which nothing is given, and that has no usual name.
    """
    by_plain = {plain(name): name for name in reversed(available)}
    written: dict[str, str | Nested] = {}
    for role in roles:
        text = given.get(role.name)
        known = None if preset is None or text is not None else preset.written_for(role.name, available)
        if known is not None:
            written[role.name] = known
            continue
        if text == "" and role.is_required:
            raise InputError(f"{setting(role.setting)} is empty; name a column, or leave it out")
        usual = next((by_plain[plain(name)] for name in role.usual if plain(name) in by_plain), None)
        if text is None and usual is None and role.is_required:
            raise InputError(
                f"{place}: no column {' or '.join(role.usual[:3])}; there are {listed(available)}; name one with "
                f"{setting(role.setting)}"
            )
        if text or (text is None and usual is not None):
            written[role.name] = text or str(usual)
    return written


def value_of(
    role: SideRole, filled: Role, timezone: str | None, place: str, *, zone: str | None = None, words: Mapping[str, str]
) -> pl.Expr:
    """The column's value in the type of its kind: String, naive Datetime in the zone, Float64, Int64 or Boolean.

    Parameters
    ----------
    timezone
        The zone that times are told in; None: that of the column, or as they stand.
    zone
        The zone of times that have none; None: they are taken as they stand.
    words
        What words of a text stand for; others stay.

    Raises
    ------
    ColumnTypeError
        A type that cannot serve.
    """
    dtype = filled.dtype
    if role.kind == "text":
        if dtype.is_nested():
            return _refused(role, filled, place)
        text = as_text(dtype, role.name)
        return text.replace(list(words), list(words.values())) if words else text
    if role.kind == "time":
        return _time(role, filled, timezone, place, zone)
    if role.kind == "flag":
        return pl.col(role.name) if dtype == pl.Boolean() else _refused(role, filled, place)
    if not dtype.is_numeric():
        return _refused(role, filled, place)
    if role.kind == "money":
        return to_fixed(pl.col(role.name), dtype)
    number = pl.col(role.name).cast(pl.Float64)
    return pl.when(number.is_finite()).then(number)


def _time(role: SideRole, filled: Role, timezone: str | None, place: str, zone: str | None) -> pl.Expr:
    column, dtype = pl.col(role.name), filled.dtype
    if isinstance(dtype, pl.Datetime):
        if dtype.time_zone is None and zone is not None and timezone is not None:
            column, dtype = column.dt.replace_time_zone(zone), pl.Datetime(dtype.time_unit, zone)
        if dtype.time_zone is not None and timezone is not None:
            column = column.dt.convert_time_zone(timezone)
        return column.dt.replace_time_zone(None).cast(pl.Datetime("us"))
    return column.cast(pl.Datetime("us")) if dtype == pl.Date() else _refused(role, filled, place)


EXPECTED: dict[Kind, tuple[str, str]] = {
    "text": ("one plain value a row", "write an expression of its parts"),
    "time": ("a date or datetime", "parse it, as {example}"),
    "flag": ("true or false", "write a condition, as {example}"),
    "number": ("a number", "cast it, as {example}"),
    "money": ("a number", "cast it, as {example}"),
}


def _refused(role: SideRole, filled: Role, place: str) -> pl.Expr:
    expected, advice = EXPECTED[role.kind]
    text = filled.mapping
    examples = {
        "time": f"TRY_STRPTIME({text}, '%Y-%m-%d %H:%M:%S')",
        "flag": f"{text} = 'yes'",
    }
    example = setting(role.setting, examples.get(role.kind, f"TRY_CAST({text} AS DOUBLE)"))
    raise ColumnTypeError(
        role=role.setting,
        mapping=text,
        found=str(filled.dtype),
        expected=expected,
        advice=advice.format(example=example),
        where=place,
    )
