"""What every command writes: files, their columns, and what each of them means."""

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a file.

    name : as it is in the file; with `*` where it depends on the data
    type : of Polars; `id` and `time` as customers' ids and times in the orders, `any` as the values that it holds
    meaning : what a value says
    unit : of a number; `currency` is that of the amounts, `time unit` that of the models
    null : when a value is missing; None: never
    optional : when the column is there; None: always
    """

    name: str
    type: str
    meaning: str
    unit: str | None = None
    null: str | None = None
    optional: str | None = None

    def says(self) -> str:
        """Meaning, unit and when it is null, in a line."""
        unit = f" ({self.unit})" if self.unit else ""
        return f"{self.meaning}{unit}" + (f"; null: {self.null}" if self.null else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file, or the files of one kind, that a command writes.

    command : the command
    file : path below the directory of the result, as a pattern
    rows : what a row is
    columns : in the order of the file
    """

    command: str
    file: str
    rows: str
    columns: tuple[Column, ...]

    @property
    def name(self) -> str:
        """The file without wildcard and suffix: `customers` of `customers/*.parquet`."""
        return self.file.removesuffix(".parquet").partition("/*")[0]

    def column(self, name: str) -> Column | None:
        """The column of a name, or the one whose pattern the name fits; None for a name that there is not."""
        exact = next((column for column in self.columns if column.name == name), None)
        return exact or next((column for column in self.columns if fnmatchcase(name, column.name)), None)


def commands() -> tuple[str, ...]:
    """Every command that writes tables, by name."""
    files = resources.files("whalecurve.engine.outputs").joinpath("commands").iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


def name_of(command: str) -> str:
    """The name under which tables of a command are told: `experiment read` has its own, `validate labels` has not."""
    whole = command.replace(" ", "-")
    return whole if whole in commands() else command.partition(" ")[0]


@cache
def tables_of(command: str) -> tuple[Table, ...]:
    """What a command writes, its own tables first; nothing for a command that writes none.

    One that belongs to another, as `experiment read`, is told with a hyphen, too.
    """
    command = command.replace(" ", "-")
    if command not in commands():
        return ()
    record = _read("commands", command)
    parts = [record, *(_read("shared", name) for name in record.get("shared", ()))]
    return tuple(_table(command, entry) for part in parts for entry in part.get("tables", ()))


def table_at(command: str, path: str) -> Table | None:
    """The table that a file belongs to, by its path below the directory of the result; None for others."""
    return next((table for table in tables_of(command) if fnmatchcase(path, table.file)), None)


def _read(folder: str, name: str) -> dict[str, Any]:
    file = resources.files("whalecurve.engine.outputs").joinpath(folder, f"{name}.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _table(command: str, entry: dict[str, Any]) -> Table:
    return Table(
        command=command,
        file=entry["file"],
        rows=entry["rows"],
        columns=tuple(Column(name=name, **of) for name, of in entry["columns"].items()),
    )
