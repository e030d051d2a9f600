"""Tools that are known: the columns that each takes, by its own documentation. They ship as TOML in `presets/`."""

import difflib
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from whalecurve.engine.errors import InputError, setting

PROPERTIES = (
    "segment",
    "next_best_action",
    "risk",
    "churn_risk",
    "clv",
    "value",
    "last_purchase",
    "next_purchase",
    "reliability",
)
"""What a list may say of a customer."""

CONTACTS = ("email", "phone")
FIELDS = ("customer_id", *CONTACTS, *PROPERTIES)
"""All that a column may hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A tool that takes lists of customers, or a form of file.

    title : what it is, in words
    sources : where its rules are documented
    format : the form of its files
    columns : the field that each column holds, by the column's header, in order
    email, phone : the forms that it wants contacts in, see `contacts.py`
    is_hashed : whether contacts are written as their SHA-256
    needs : the contact that a row must have: "email", "contact" for either, or "nothing"
    least_rows : rows below which it cannot use a list
    most_rows, most_bytes : the most that it takes in one file; None where it says nothing
    has_bom : whether its text files begin with the mark that spreadsheets tell UTF-8 by
    """

    name: str
    title: str
    sources: tuple[str, ...]
    format: Literal["csv", "parquet"]
    columns: dict[str, str]
    email: str
    phone: str
    is_hashed: bool
    needs: Literal["email", "contact", "nothing"]
    least_rows: int
    most_rows: int | None
    most_bytes: int | None
    has_bom: bool

    @property
    def properties(self) -> tuple[str, ...]:
        """The properties of customers that it takes."""
        return tuple(field for field in self.columns.values() if field in PROPERTIES)


@cache
def targets() -> dict[str, Target]:
    """All tools and forms of file that are known, by name."""
    files = resources.files("whalecurve.engine.targets").joinpath("presets").iterdir()
    named = {file.name.removesuffix(".toml"): file for file in files if file.name.endswith(".toml")}
    return {name: _target(name, tomllib.loads(named[name].read_text(encoding="utf-8"))) for name in sorted(named)}


def _target(name: str, table: dict[str, Any]) -> Target:
    return Target(
        name=name,
        title=table["title"],
        sources=tuple(table.get("sources", ())),
        format=table.get("format", "csv"),
        columns=table["columns"],
        email=table.get("email", "plain"),
        phone=table.get("phone", "plus"),
        is_hashed=table.get("is_hashed", False),
        needs=table.get("needs", "contact"),
        least_rows=table.get("least_rows", 0),
        most_rows=table.get("most_rows"),
        most_bytes=table.get("most_bytes"),
        has_bom=table.get("has_bom", False),
    )


def target_called(name: str, where: str = setting("target")) -> Target:
    """The target of this name; raises InputError where there is none. `where` names the setting."""
    known = targets()
    if name in known:
        return known[name]
    close = difflib.get_close_matches(name.casefold(), known, n=1, cutoff=0.5)
    hint = f'did you mean "{close[0]}"?' if close else "name a file form, csv or parquet, for any other tool"
    raise InputError(f'{where} "{name}": no such target; choose one of {", ".join(known)}; {hint}')
