"""A preset over the columns of a log: its SQL with each column as the log spells it."""

import re
from dataclasses import replace
from typing import Any

import polars as pl

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.order_files import OrderFile, named
from whalecurve.engine.settings import Columns
from whalecurve.engine.shop_exports.money_and_times import Spelling, money_in, times_in
from whalecurve.engine.shop_exports.preset import Preset, column_called, preset_called
from whalecurve.engine.shop_exports.sample import sample_of
from whalecurve.engine.sql_text import quoted, sql_expression

IN_BRACES = re.compile(r"\{(?:(number|time|text|id):)?([^{}]+)\}")
KINDS = {"amount": "number", "margin": "number", "cost": "number", "refund": "number", "time": "time"}
"""What a column in braces is read as where it does not say; in all other roles as it stands."""
LITERAL = re.compile(r"-?\d+(\.\d+)?")


def with_preset(columns: Columns, files: list[OrderFile]) -> Columns:
    """The columns with what the preset that they name has for the roles that they leave open.

    `where` comes on top of the preset's condition, `keep` in its place.

    Raises
    ------
    InputError
        No such preset; a column that it needs and the files lack; one that does not read as what it should be.
    """
    if columns.preset is None:
        return columns
    preset = preset_called(columns.preset)
    found = expanded(preset, sample_of(files), named(files))
    roles: dict[str, Any] = {role: sql for role, sql in found.roles.items() if getattr(columns, role) is None}
    keep = found.keep or None if columns.keep is None else columns.keep
    fill_down = columns.fill_down or found.fill_down
    return replace(columns, preset=None, keep=keep, fill_down=fill_down, **roles)


def expanded(preset: Preset, sample: pl.DataFrame, place: str) -> Preset:
    """The preset with names of this log's columns, read as a sample of its rows spells them.

    `{Email}` is the column of this name, but for case and signs; `{A|B}` the first that is there, and with a number at
    the end, as in `{A|0}`, that number where there is none, and where a cell is empty. In the SQL of an amount a column
    is a number and in that of the time a time, whatever text they are spelled in; elsewhere it is as it stands, unless
    it is `{number:A}`, `{time:A}` or `{id:A}`, a whole number kept with decimals.

    Raises
    ------
    InputError
        A column that is not there, or not what it should be; `place` names the log.
    """
    reader = _Reader(preset, sample, place)
    roles = {role: reader.sql(text, KINDS.get(role, "text")) for role, text in preset.roles.items()}
    if LITERAL.fullmatch(roles.get("refund", "")):
        del roles["refund"]  # the log has no such column
    keep = reader.sql(preset.keep, "text")
    fill_down = tuple(reader.column([name]) or name for name in preset.fill_down)
    return replace(preset, roles=roles, keep=keep, fill_down=fill_down, doubts=tuple(dict.fromkeys(reader.doubts)))


class _Reader:
    """Columns in braces, one after another; numbers without a value in the sample are spelled as those before them."""

    def __init__(self, preset: Preset, sample: pl.DataFrame, place: str) -> None:
        self._preset, self._sample, self._place = preset, sample, place
        self._numbers: pl.Series | None = None
        self.doubts: list[str] = []

    def sql(self, text: str, kind: str) -> str:
        """The text with SQL for what stands in braces."""
        whole = IN_BRACES.fullmatch(text)
        if whole is not None and (whole[1] or kind) in ("text", "time", "number"):
            name = self.column(whole[2].split("|"))
            bare = self._read(whole[2], whole[1] or kind)
            return name if name is not None and bare == quoted(name) else bare
        return IN_BRACES.sub(lambda found: self._read(found[2], found[1] or kind), text)

    def column(self, names: list[str]) -> str | None:
        """The first of these columns that the log has; a field of a column of several is `column.field`."""
        for name in names:
            found = column_called(name, self._sample.columns)
            if found is not None:
                return found
            parent, _, field = name.partition(".")
            dtype = self._sample.schema.get(parent)
            if isinstance(dtype, pl.Struct) and field in {one.name for one in dtype.fields}:
                return f"{parent}.{field}"
        return None

    def _read(self, written: str, kind: str) -> str:
        *names, last = written.split("|")
        default = last if LITERAL.fullmatch(last) else None
        names = names if default is not None else [*names, last]
        name = self.column(names)
        if name is None:
            if default is None:
                raise InputError(self._missing(names))
            return default
        source = quoted(name) if name in self._sample.columns else name
        sql = self._spelled(source, name, kind)
        return f"COALESCE({sql}, {default})" if default is not None else sql

    def _spelled(self, source: str, name: str, kind: str) -> str:
        values = self._sample.select(v=sql_expression(source))["v"]
        if kind == "text":
            return source
        if kind == "id":
            return f"TRY_CAST({source} AS BIGINT)" if values.dtype.is_float() else source
        spelling = times_in(source, values) if kind == "time" else self._number(source, values)
        if spelling is None:
            what = "a time" if kind == "time" else "a number"
            raise InputError(
                f'{self._place}: column "{name}" does not read as {what}, as {setting("preset", self._preset.name)} '
                f"expects; map the column that does"
            )
        if spelling.doubt:
            self.doubts.append(f'"{name}": {spelling.doubt}')
        return spelling.sql

    def _number(self, source: str, values: pl.Series) -> Spelling | None:
        spelling = money_in(source, values)
        if spelling is not None:
            self._numbers = values if values.dtype == pl.String() else self._numbers
            return spelling
        is_empty = values.dtype == pl.String() and (values.drop_nulls().str.strip_chars() == "").all()
        if values.dtype != pl.Null() and not is_empty:
            return None
        if values.dtype == pl.Null() or self._numbers is None:
            return Spelling(sql=f"TRY_CAST({source} AS DOUBLE)")
        return money_in(source, self._numbers)

    def _missing(self, names: list[str]) -> str:
        wanted = " or ".join(f'"{name}"' for name in names)
        return (
            f"{self._place}: no column {wanted}, which {setting('preset', self._preset.name)} needs; there are "
            f"{', '.join(self._sample.columns)}; name another export, or map the columns one by one"
        )
