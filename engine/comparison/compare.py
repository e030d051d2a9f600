"""Compare two results: who moved between segments, cells and tiers, what it is worth, what moved in the models."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.comparison.customers import (
    Labels,
    cells_of,
    check_ids,
    compared_customers,
    labels_of,
    side_by_side,
)
from whalecurve.engine.comparison.definitions import check_definitions, definition_warnings
from whalecurve.engine.comparison.migration import migration
from whalecurve.engine.comparison.model_changes import model_warnings, moved_parameters, moved_thresholds
from whalecurve.engine.comparison.results import Movement, amounts_by_group
from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.outputs import table_at
from whalecurve.engine.paths import refuse_impossible, unfolded
from whalecurve.engine.publication import (
    FORMAT,
    MANIFEST,
    MODEL,
    ROW_GROUP,
    Result,
    at_hand,
    check_target,
    described,
    manifest_of,
    open_result,
    published,
    read_record,
    write_json,
    write_manifest,
    write_table,
)
from whalecurve.engine.stages import OnStage, Stages

RECORD, CUSTOMERS = "compare.json", "customers.parquet"


def compare(
    old: str | Path,
    new: str | Path,
    *,
    out: str | Path | None = None,
    previous: str | Path | None = None,
    allow: Collection[str] = (),
    overwrite: bool = False,
    on_stage: OnStage | None = None,
) -> Movement:
    """Follow the customers of one result of `score` to another, of the same day or a later one.

    Parameters
    ----------
    old, new
        Directories that `score` wrote.
    out
        Directory to publish the movement in, whole or not at all, customer by customer too; None to write nothing.
    previous
        Directory of an earlier comparison, whose new result is this old one: `segment_since` goes on from there.
    allow
        Names of definitions that may differ between the results.
    overwrite
        Whether `out` may be replaced.
    on_stage
        Called with the name of each stage as it begins.

    Returns
    -------
    Movement
        Who moved from which segment to which, and what that is worth.

    Raises
    ------
    InputError
        A directory that is no such result, results that cannot be compared, an `out` that cannot be written.

    Examples
    --------
    >>> import whalecurve as wc
    >>> moved = wc.compare("scores-june", "scores")
    >>> moved.moves.columns[:3]
    ['scheme', 'from', 'to']
    """
    stages = Stages(on_stage)
    with stages.stage("open"):
        before, after = open_result(old), open_result(new)
        if before.as_of > after.as_of:
            raise InputError(
                f"{before.path} is as of {before.as_of}, later than {after.path}, {after.as_of}; swap them?"
            )
        allowed = check_definitions(before, after, allow)
        check_ids(before, after)
        earlier = None
        if previous is not None:
            with at_hand(previous) as directory:
                earlier = _earlier(directory, before)
        if out is not None:
            check_target(Path(out), overwrite=overwrite, results=[old, new, previous])
    with stages.stage("count"):
        labels = labels_of(before, after)
        customers = side_by_side(before, after, labels)
        movement = _movement(before, after, allowed, labels, cells_of(customers, labels).collect(engine="streaming"))
    if out is not None:
        table = compared_customers(customers, labels, earlier, old=before.as_of, new=after.as_of)
        _publish(movement, table, Path(out), previous, stages)
    return movement


def _movement(
    old: Result, new: Result, allowed: tuple[str, ...], labels: Sequence[Labels], cells: pl.DataFrame
) -> Movement:
    """All that is said of the customers, counted in `cells`, and of the models."""
    return Movement(
        old=old,
        new=new,
        allowed=allowed,
        groups=amounts_by_group(cells),
        migrations=tuple(migration(cells, scheme) for scheme in labels),
        thresholds=moved_thresholds(old, new),
        parameters=moved_parameters(old, new),
        warnings=(
            *(f"{name} differs, as allowed" for name in allowed),
            *(f"{result.path}: {words}" for result in (old, new) for words in result.not_reliable),
            *definition_warnings(old, new),
            *model_warnings(old, new),
        ),
    )


def _earlier(path: Path, old: Result) -> pl.LazyFrame:
    """`segment_since` of the customers of the old result, from the comparison that it was the new result of."""
    refuse_impossible(path, setting("previous", path))
    if not (path / RECORD).is_file() or not (path / CUSTOMERS).is_file():
        raise InputError(f"{setting('previous', path)}: no comparison; name a directory that whalecurve compare wrote")
    seen = read_record(path / RECORD, "new")["new"]
    if seen["run_id"] != old.manifest["run_id"]:
        raise InputError(
            f"{setting('previous', path)}: compared {seen['path']} as of {seen['as_of']}, which is not {old.path} as "
            f"of {old.as_of}; name the comparison whose new result is this old one"
        )
    return pl.scan_parquet(path / CUSTOMERS, glob=False, hive_partitioning=False)


def _publish(
    movement: Movement, customers: pl.LazyFrame, out: Path, previous: str | Path | None, stages: Stages
) -> None:
    """Write `movement.parquet`, `customers.parquet`, `compare.json`, and the records that every result has.

    There is no directory `customers`, which tells it from a result of `score`.
    """
    with published(out) as staging:
        with stages.stage("write"):
            write_table(movement.moves, staging / "movement.parquet", of="compare")
            customers.sink_parquet(
                staging / CUSTOMERS,
                compression="zstd",
                row_group_size=ROW_GROUP,
                statistics=True,
                arrow_schema=described(customers.collect_schema(), table_at("compare", CUSTOMERS)),
            )
            write_json(movement.to_dict(), staging / RECORD)
            write_json(_models(movement), staging / MODEL)
        write_manifest(_manifest(movement, previous, stages.seconds), staging)


def _models(movement: Movement) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "thresholds": movement.thresholds,
        "parameters": movement.parameters,
        "definitions": _definitions(movement),
    }


def _definitions(movement: Movement) -> dict[str, Any]:
    return {"old": movement.old.definitions, "new": movement.new.definitions, "allowed": list(movement.allowed)}


def _manifest(movement: Movement, previous: str | Path | None, timings: dict[str, float]) -> dict[str, Any]:
    before = None
    if previous is not None:
        with at_hand(previous) as directory:
            before = read_record(directory / MANIFEST, "run_id")["run_id"]
    return manifest_of(
        "compare",
        as_of=movement.new.as_of.isoformat(),
        inputs=[movement.old.identity, movement.new.identity],
        definitions=_definitions(movement) | {"previous": before},
        rows=None,
        timings=timings,
        warnings=movement.warnings,
        previous=None if previous is None else unfolded(previous),
    )
