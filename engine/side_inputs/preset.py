"""Files of tools that are known: which columns tell them, and what plays each role there. They ship in `presets/`.

A column may be nested, as in exports of GA4: `{ of = "items", field = "item_id" }` is a field of a column, or of the
first entry where the column is a list; `{ of = "event_params", key = "value" }` the value of a key, where the column is
a list of entries with `key` and `value`. Anything else is a column or an SQL expression over columns. Of a list, the
first is taken whose columns the file has.
"""

import difflib
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.side_inputs.nested import Nested
from whalecurve.engine.sql_text import sql_expression


@dataclass(frozen=True, slots=True, kw_only=True)
class SidePreset:
    """A file of a tool that is known.

    title : what it is, in words
    of : which side input it is, as "events"
    recognised_by : columns that such a file has, all of them
    columns : of each role, what may be read for it, the best first
    words : of each role that is text, what words of the tool stand for; others stay as they are
    zone : of times that have none; None where they are taken as they stand
    notes : what a reader of the numbers should know, a sentence each
    """

    name: str
    title: str
    of: str
    recognised_by: tuple[str, ...]
    columns: dict[str, tuple[str | Nested, ...]]
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    zone: str | None = None
    notes: tuple[str, ...] = ()

    def written_for(self, role: str, available: Collection[str]) -> str | Nested | None:
        """What is read for a role in a file with these columns; None where the preset has nothing for it."""
        return next((one for one in self.columns.get(role, ()) if _columns_of(one, available) <= set(available)), None)


def _columns_of(written: str | Nested, available: Collection[str]) -> set[str]:
    if isinstance(written, Nested):
        return {written.column}
    return {written} if written in available else set(sql_expression(written).meta.root_names())


@cache
def side_presets() -> tuple[SidePreset, ...]:
    """All that are known, those with the most columns to be told by first."""
    files = resources.files("whalecurve.engine.side_inputs").joinpath("presets").iterdir()
    known = [
        _preset(file.name.removesuffix(".toml"), tomllib.loads(file.read_text(encoding="utf-8")))
        for file in files
        if file.name.endswith(".toml")
    ]
    return tuple(sorted(known, key=lambda preset: (-len(preset.recognised_by), preset.name)))


def _preset(name: str, table: Mapping[str, Any]) -> SidePreset:
    columns = {role: given if isinstance(given, list) else [given] for role, given in table["columns"].items()}
    return SidePreset(
        name=name,
        title=table["title"],
        of=table["of"],
        recognised_by=tuple(table["recognised_by"]),
        columns={role: tuple(_written(one) for one in given) for role, given in columns.items()},
        words=table.get("words", {}),
        zone=table.get("zone"),
        notes=tuple(table.get("notes", ())),
    )


def _written(given: str | Mapping[str, str]) -> str | Nested:
    if isinstance(given, str):
        return given
    return Nested(column=given["of"], field=given.get("field"), key=given.get("key"))


def preset_of(of: str, name: str | None, available: Collection[str]) -> SidePreset | None:
    """The preset of a side input that is named, or else that its columns tell; an empty name is none.

    Raises
    ------
    InputError
        No preset of this name.
    """
    presets = [preset for preset in side_presets() if preset.of == of]
    if name is None:
        return next((preset for preset in presets if set(preset.recognised_by) <= set(available)), None)
    names = sorted(preset.name for preset in presets)
    if name and name not in names:
        close = difflib.get_close_matches(name.casefold(), names, n=1, cutoff=0.5)
        hint = f'did you mean "{close[0]}"?' if close else "or name the columns one by one"
        raise InputError(f'{setting(f"{of}_preset")} "{name}" is unknown; choose one of {", ".join(names)}; {hint}')
    return next((preset for preset in presets if preset.name == name), None)
