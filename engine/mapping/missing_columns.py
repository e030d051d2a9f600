"""One error for all columns that are mapped and not there, with what could play their roles instead."""

from collections.abc import Collection, Mapping
from contextlib import suppress

import polars as pl

from whalecurve.engine.errors import ColumnMissingError, InputError, listed, setting
from whalecurve.engine.order_files import OrderFile, column_names, named
from whalecurve.engine.settings import REQUIRED_ROLES
from whalecurve.engine.shop_exports import Preset, candidates, expanded, recognised, sample_of, suits

SUGGESTED = (*REQUIRED_ROLES, "margin", "cost", "order", "return_flag")
"""Roles whose columns are known by name and content. A dimension may be anything: its nearest name is offered."""


def all_missing(
    missing: list[ColumnMissingError], files: list[OrderFile], taken: Collection[str], present: Mapping[str, str]
) -> InputError:
    """The error for all columns that are missing, and for those of a wrong type beside them.

    What is suggested was run on a sample of the rows, and gave a value of the role's type wherever the column has one;
    where the columns are those of an export that is known, it is that.

    taken : columns that play other roles, which are not suggested
    present : the columns that are there, by the role that they play
    """
    sample = _sample(files)
    wrong = {role: name for role, name in present.items() if _is_wrong(role, name, sample)}
    found = _suggestions(missing, wrong, sample, taken)
    export = _export(sample, named(files)) if any(error.role in REQUIRED_ROLES for error in missing) else None
    types = [f'{setting(role)} "{name}" is {sample.schema[name]}' for role, name in wrong.items()]
    facts = ", ".join([*(error.fact for error in missing), *types])
    names = list(dict.fromkeys([*column_names(files), *(name for error in missing for name in error.available)]))
    told = [f"{named(files)}: {facts}", f"there are {listed(names)}"]
    if export is not None:
        told.append(f"these are the columns of {export.title}: try {setting('preset', export.name)}")
    elif found:
        tried = f" (tried on {sample.height:,} rows)" if sample.height else ""
        told.append("try " + " ".join(setting(role, mapping) for role, mapping in found.items()) + tried)
    helped = {*found, *(export.roles if export is not None else ())}
    left = [*(error.role for error in missing if _is_suggested(error)), *wrong]
    named_by = [setting(role, "NAME") for role in left if role not in helped]
    if named_by:
        told.append(f"name {'one of them' if len(named_by) == 1 else 'columns'} with {' '.join(named_by)}")
    hints = [error for error in missing if not _is_suggested(error)]
    told += [error.hint if len(missing) == 1 else f"for {setting(error.role)}, {error.hint}" for error in hints]
    return InputError("; ".join(told))


def _suggestions(
    missing: list[ColumnMissingError], wrong: Mapping[str, str], sample: pl.DataFrame, taken: Collection[str]
) -> dict[str, str]:
    """What could play each role: another column, or one of a wrong type as it is spelled. An optional role may go."""
    found: dict[str, str] = {}
    used = set(taken)
    for error in missing:
        possible = candidates(error.role, sample, used, error.wanted) if _is_suggested(error) else []
        if possible:
            found[error.role] = possible[0].mapping
            used.update(possible[0].columns)
    for role, name in wrong.items():
        possible = candidates(role, sample.select([name]), like=name) or candidates(role, sample, used)
        if possible:
            found[role] = possible[0].mapping
            used.update(possible[0].columns)
        elif role not in REQUIRED_ROLES:
            found[role] = ""
    return found


def _export(sample: pl.DataFrame, place: str) -> Preset | None:
    """The export that is known by these columns and reads on the sample."""
    for export in recognised(sample.columns):
        with suppress(InputError):
            expanded(export, sample, place)
            return export
    return None


def _is_wrong(role: str, name: str, sample: pl.DataFrame) -> bool:
    """Whether a column that is there cannot play its role as it stands."""
    return role in SUGGESTED and name in sample.columns and not suits(role, sample.schema[name])


def _is_suggested(error: ColumnMissingError) -> bool:
    return error.is_column and error.role in SUGGESTED


def _sample(files: list[OrderFile]) -> pl.DataFrame:
    """Some of the rows; none where a file cannot be read, which is said when it is."""
    try:
        return sample_of(files)
    except InputError:
        return pl.DataFrame()
