"""What other commands found of the same orders: their results, which a report takes in."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.errors import InputError, reason, setting
from whalecurve.engine.paths import refuse_impossible
from whalecurve.engine.publication import MANIFEST, MODEL, at_hand, read_record

MOST_MEMBERS = 20
"""Members of a dimension that a report shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """The file that has all of a result, the field of `Beside` that it goes to, and what a report needs of it."""

    file: str
    field: str
    needs: tuple[str, ...]


RECORDS = {
    "validate": _Record(
        file="validation.json", field="validation", needs=("split", "predictions", "tracking", "best_model")
    ),
    "experiment read": _Record(
        file="readout.json", field="experiment", needs=("plan", "looking", "checks", "arms", "effects", "verdicts")
    ),
    "explain": _Record(
        file="explain.json", field="explanation", needs=("segment", "customers", "settings", "dimensions")
    ),
    "profile": _Record(
        file="profile.json", field="profile", needs=("segment", "customers", "worth", "timing", "due", "sections")
    ),
    "acquisition": _Record(
        file="acquisition.json", field="acquisition", needs=("by", "values", "unmatched", "first_month", "last_month")
    ),
    "whatif": _Record(
        file="whatif.json", field="supposed", needs=("levers", "assumptions", "segments", "tornado", "break_even")
    ),
    "budget": _Record(
        file="budget.json", field="budget", needs=("settings", "total", "allocation", "options", "comparisons")
    ),
}
"""Commands whose results are one record."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Breakdown:
    """The concentration of value by one dimension.

    by : the dimension
    value_is : what value is of
    measured : its measures, of all members
    top : the first members by value, see `members/`; None where they may stand for single customers
    """

    by: str
    value_is: str
    measured: dict[str, Any]
    top: pl.DataFrame | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Beside:
    """What was found: the record of each kind of result, or None, and breakdowns in the order of their results."""

    validation: dict[str, Any] | None = None
    experiment: dict[str, Any] | None = None
    explanation: dict[str, Any] | None = None
    profile: dict[str, Any] | None = None
    acquisition: dict[str, Any] | None = None
    supposed: dict[str, Any] | None = None
    budget: dict[str, Any] | None = None
    breakdowns: tuple[Breakdown, ...] = ()


def read_beside(directories: Iterable[str | Path]) -> Beside:
    """Read the results of other commands, each by what its record says that it is.

    Raises
    ------
    InputError
        A directory that is no such result, a second one where one is shown, a file that cannot be read.
    """
    records: dict[str, dict[str, Any]] = {}
    breakdowns: list[Breakdown] = []
    for given in directories:
        with at_hand(given) as path:
            refuse_impossible(path, setting("beside", path))
            if not (path / MANIFEST).is_file():
                raise InputError(
                    f"{setting('beside', path)}: not a whalecurve result; name a directory that a whalecurve command "
                    f"wrote"
                )
            record = read_record(path / MANIFEST)
            command = str(record.get("command", "of an unknown kind"))
            if command == "concentration":
                breakdowns += _breakdowns(path, record)
            elif command in RECORDS and (path / RECORDS[command].file).is_file():
                kind = RECORDS[command]
                if kind.field in records:
                    raise InputError(f"{setting('beside', path)}: a second {kind.field}; name one of them")
                records[kind.field] = read_record(path / kind.file, *kind.needs)
            else:
                raise InputError(
                    f"{setting('beside', path)}: a result of whalecurve {command}; name results of "
                    f"{', '.join((*RECORDS, 'concentration'))}"
                )
    return Beside(breakdowns=tuple(breakdowns), **records)


def _breakdowns(path: Path, record: dict[str, Any]) -> list[Breakdown]:
    model = read_record(path / MODEL, "value", "dimensions")
    customer = str((record.get("columns") or {}).get("customer") or "customer")
    files = {dimension["by"]: path / dimension["members"] for dimension in record["dimensions"]}
    return [
        Breakdown(
            by=dimension["by"],
            value_is=str(model["value"]),
            measured=dimension["populations"]["all"],
            top=_top(files[dimension["by"]], dimension["by"], customer),
        )
        for dimension in model["dimensions"]
    ]


def _top(path: Path, by: str, customer: str) -> pl.DataFrame | None:
    """The first members; None for a dimension of the customer id, and where most values have one customer each."""
    if by == "customer" or re.search(rf"(?<!\w){re.escape(customer)}(?!\w)", by):
        return None
    try:
        members = pl.read_parquet(path, glob=False, hive_partitioning=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise InputError(f"{path}: cannot be read ({reason(error)}); run the command again, or restore it") from error
    n_single = members.filter(pl.col("n_customers") <= 1).height
    if 2 * n_single > members.height:
        return None
    member = pl.col("member").bin.encode("hex") if members["member"].dtype == pl.Binary else pl.col("member")
    return members.head(MOST_MEMBERS).with_columns(member.cast(pl.String))
