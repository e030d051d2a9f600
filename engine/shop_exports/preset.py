"""Exports that are known: which columns tell them, and what plays each role there. They ship as TOML in `presets/`."""

import difflib
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.shop_exports.aliases import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """An export that is known.

    title : what it is, in words
    recognised_by : the columns that an export of this kind has, all of them
    roles : the SQL of each role, with columns in braces, see `expanded`
    keep : the condition for lines that are sales, in the same form; empty for all
    fill_down : columns that only one line of an order has
    notes : what a reader of the numbers should know, a sentence each
    doubts : over a log, what its cells may mean otherwise, a sentence each
    """

    name: str
    title: str
    recognised_by: tuple[str, ...]
    roles: dict[str, str]
    keep: str = ""
    fill_down: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


@cache
def presets() -> tuple[Preset, ...]:
    """All exports that are known, those with the most columns to be told by first."""
    files = resources.files("whalecurve.engine.shop_exports").joinpath("presets").iterdir()
    tables = {
        file.name.removesuffix(".toml"): tomllib.loads(file.read_text(encoding="utf-8"))
        for file in files
        if file.name.endswith(".toml")
    }
    known = [_preset(name, table) for name, table in tables.items()]
    return tuple(sorted(known, key=lambda preset: (-len(preset.recognised_by), preset.name)))


def _preset(name: str, table: dict[str, Any]) -> Preset:
    return Preset(
        name=name,
        title=table["title"],
        recognised_by=tuple(table["recognised_by"]),
        roles=table["roles"],
        keep=table.get("keep", ""),
        fill_down=tuple(table.get("fill_down", ())),
        notes=tuple(table.get("notes", ())),
    )


def preset_called(name: str) -> Preset:
    """The preset of this name; raises InputError where there is none."""
    names = sorted(preset.name for preset in presets())
    for preset in presets():
        if preset.name == name:
            return preset
    close = difflib.get_close_matches(name.casefold(), names, n=1, cutoff=0.5)
    hint = f'did you mean "{close[0]}"?' if close else "or map the columns one by one"
    raise InputError(f'{setting("preset")} "{name}": no such export; choose one of {", ".join(names)}; {hint}')


def recognised(columns: Collection[str]) -> list[Preset]:
    """The exports that columns of these names may be, the one that most of them speak for first."""
    have = {plain(name) for name in columns}
    return [preset for preset in presets() if {plain(name) for name in preset.recognised_by} <= have]


def column_called(name: str, columns: Collection[str]) -> str | None:
    """The column of this name, else the only one of it but for case and signs; None where there is none."""
    if name in columns:
        return name
    alike = [column for column in columns if plain(column) == plain(name)]
    return alike[0] if len(alike) == 1 else None
