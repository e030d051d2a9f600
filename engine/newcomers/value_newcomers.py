"""What a customer acquired today is worth, by the models of a result."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.errors import Message, setting
from whalecurve.engine.newcomers.basis import Basis, basis_of
from whalecurve.engine.newcomers.cells import ALL, COHORT, Cells, cells_of
from whalecurve.engine.newcomers.output import publish
from whalecurve.engine.newcomers.residual import SEGMENT, residual_of
from whalecurve.engine.newcomers.results import SCHEMA, Newcomers
from whalecurve.engine.newcomers.settings import NewcomerSettings
from whalecurve.engine.newcomers.worth import Group, worth_of_all, worth_of_group
from whalecurve.engine.order_files import Paths
from whalecurve.engine.orders import scan_orders, scored_columns, scored_files
from whalecurve.engine.publication import check_target, open_result
from whalecurve.engine.settings import Given, taken
from whalecurve.engine.stages import OnStage, Stages


def value_newcomers(
    scores: str | Path,
    *,
    settings: NewcomerSettings | Given | None = None,
    orders: Paths | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    on_stage: OnStage | None = None,
) -> Newcomers:
    """Expect of a customer acquired today what the models of a result expect of one who begins.

    Parameters
    ----------
    scores
        Directory that `score` wrote; its horizon and discount rate are used.
    settings
        How newcomers are told apart, and whether what is left of the customers there are is worked out.
    orders
        The orders that were scored, where they have moved; read for dimensions alone.
    out
        Directory to write to, whole or not at all; replaced only if `overwrite`. None: nothing is written.
    overwrite
        Whether `out` may be replaced.
    on_stage
        Called with the name of each stage as it begins.

    Returns
    -------
    Newcomers
        What a new customer is expected to bring, by month of their life.

    Raises
    ------
    InputError
        Input that cannot be worked with, a result without a purchase model; nothing is written then.

    Examples
    --------
    >>> import whalecurve as wc
    >>> found = wc.newcomers("scores")
    >>> found.groups.columns[:2]
    ['by', 'value']
    """
    stages, asked = Stages(on_stage), taken(NewcomerSettings, settings) or NewcomerSettings()
    with stages.stage("open"):
        result = open_result(scores)
        basis, lines = basis_of(result), None
        if asked.by:
            files = scored_files(result, orders)
            lines = scan_orders(files, scored_columns(result), list(asked.by), basis.window.timezone)
        if out is not None:
            paths = [] if lines is None else lines.paths
            check_target(Path(out), overwrite=overwrite, orders=paths, results=[scores])
    with stages.stage("customers"):
        cells = cells_of(result, lines, basis.window, asked.by, asked.cohorts)
    with stages.stage("groups"):
        rows, said = _rows(cells, basis, asked)
    residual = None
    if asked.residual:
        with stages.stage("residual"):
            residual = residual_of(basis)
    found = Newcomers(
        groups=pl.DataFrame(rows, schema=SCHEMA),
        residual=residual,
        segments=None if residual is None else _by_segment(residual),
        as_of=result.as_of.isoformat(),
        horizon_days=basis.scoring.horizon_days,
        annual_discount=basis.scoring.annual_discount,
        value_is=result.definitions["value"],
        model=basis.purchases.model,
        settings=asked,
        scores=result.identity,
        warnings=(
            *(() if lines is None else lines.notes),
            *(Message(words) for words in [*_notes(basis, cells, rows), *said]),
        ),
    )
    if out is None:
        return found
    publish(found, Path(out), result, lines, stages)
    return replace(found, out=Path(out))


def _rows(cells: Cells, basis: Basis, asked: NewcomerSettings) -> tuple[list[dict[str, Any]], list[str]]:
    """All customers, then each group, in the order of the dimensions; and why there is none of some."""
    by_group = cells.table.partition_by("by", "value", as_dict=True, maintain_order=True)
    every = Group.of(by_group[ALL, None], basis)
    of_all = worth_of_all(every, basis, asked.level)
    rows, said = [_row(ALL, None, every, 1.0, of_all.row())], []
    names = [name for name in (COHORT, *asked.by) if any(by == name for by, _ in by_group)]
    for name in names:
        mine = [(by, value, part) for (by, value), part in by_group.items() if by == name]
        if name != COHORT:
            mine.sort(key=lambda group: -int(group[2]["n"].sum()))
        for by, value, part in mine:
            group = Group.of(part, basis)
            worth = worth_of_group(group, every, of_all, basis, asked.pool, asked.level)
            if isinstance(worth, str):
                said.append(f"{by} {value}: no model ({worth})")
                continue
            rows.append(_row(str(by), value, group, group.n / (group.n + asked.pool), worth.row()))
    return rows, said


def _row(by: str, value: object, group: Group, own_share: float, worth: Mapping[str, float | None]) -> dict[str, Any]:
    return {
        "by": by,
        "value": value,
        "customers": group.n,
        "repeat_customers": group.n_repeat,
        "own_share": own_share,
        **worth,
    }


def _by_segment(residual: pl.DataFrame) -> pl.DataFrame:
    return (
        residual.group_by(SEGMENT)
        .agg(
            customers=pl.len().cast(pl.Int64),
            dert=pl.when(pl.col("dert").count() > 0).then(pl.col("dert").sum()),
            residual_clv=pl.when(pl.col("residual_clv").count() > 0).then(pl.col("residual_clv").sum()),
        )
        .sort(SEGMENT, nulls_last=True)
    )


def _notes(basis: Basis, cells: Cells, rows: list[dict[str, Any]]) -> list[str]:
    said = [
        f"{n:,} customers have several values of {name} on the first order; they are with those of none"
        for name, n in cells.n_several.items()
        if n
    ]
    if basis.spend is None:
        said.append("there is no spend model, so no value and no CLV")
    if rows[0]["dert"] is None:
        said.append(
            f"without a horizon purchases have no bound at {setting('annual_discount', basis.scoring.annual_discount)}"
        )
    if basis.clock is not None:
        said.append(
            "the horizon follows the season; without a horizon time is taken as even, which changes less than the "
            "discount of some weeks"
        )
    if basis.window.period is not None:
        said.append("time is counted in periods, so what first purchases bring is not told from the period they are in")
    return said
