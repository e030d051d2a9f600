"""What a finished run may be asked to fail on, after it has written its result."""

from typing import TYPE_CHECKING

import typer

from whalecurve.cli.reports import titles
from whalecurve.cli.reports.text_tables import number

if TYPE_CHECKING:
    from whalecurve.engine import Run


def asked(fail_on: str | None, *, has_thresholds: bool) -> list[str]:
    """The kinds of findings in a list with commas between.

    Raises
    ------
    BadParameter
        A kind that there is not, or drift where there is no old run to drift from.
    """
    kinds = [kind.strip() for kind in (fail_on or "").split(",") if kind.strip()]
    for kind in kinds:
        if kind not in KINDS:
            raise typer.BadParameter(f'--fail-on "{kind}" is unknown; choose one of {", ".join(KINDS)}')
    if "drift" in kinds and not has_thresholds:
        raise typer.BadParameter("--fail-on drift compares with an old run; name it with --thresholds")
    return kinds


def findings(run: "Run", kinds: list[str]) -> dict[str, str]:
    """What was found of the kinds that are asked for, in a line each."""
    found = {kind: KINDS[kind](run) for kind in kinds}
    return {kind: words for kind, words in found.items() if words}


def _drift(run: "Run") -> str:
    """Scores and segments whose shares of customers have moved much from those of the old run."""
    stability = (run.manifest["moved"] or {"stability": {}})["stability"]
    moved = [
        f"{(titles.SCORES | titles.SCHEMES).get(name, name)} ({number(index['index'], 2)})"
        for name, index in stability.items()
        if index["verdict"] == titles.MOVED_MUCH
    ]
    return f"{titles.MOVED_MUCH}: {', '.join(moved)}; score without --thresholds to take new ones" if moved else ""


def _unreliable(run: "Run") -> str:
    """Why CLV and risk are not reliable."""
    return "; ".join(run.manifest["reliability"]["reasons"])


def _empty(run: "Run") -> str:
    """Segments, and cells of the matrix, that have no customer."""
    empty = [
        row["segment"]
        for row in run.segments.iter_rows(named=True)
        if row["scheme"] in ("rfm", "matrix") and row["segment"] is not None and not row["customers"]
    ]
    return f"no customer is in {', '.join(empty)}" if empty else ""


KINDS = {"drift": _drift, "unreliable": _unreliable, "empty-segment": _empty}
