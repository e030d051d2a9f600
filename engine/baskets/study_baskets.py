"""Baskets: pairs of items, the assortment of segments, and what each customer is likely to buy next."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from whalecurve.engine.audit import Audit, audit_orders, refuse_too_many
from whalecurve.engine.baskets.assortment import SEGMENT, assortment_of, segments_of
from whalecurve.engine.baskets.coded_log import CodedLog, coded_log, levels_of
from whalecurve.engine.baskets.dearer import dearer_task
from whalecurve.engine.baskets.items import TIERS
from whalecurve.engine.baskets.output import publish
from whalecurve.engine.baskets.pairs import Pairs, pairs_of, table_of
from whalecurve.engine.baskets.recommend import (
    NEXT_MOST,
    Task,
    next_task,
    partners_of,
    popularity,
    recommended,
    shelves_of,
)
from whalecurve.engine.baskets.relations import CUSTOMER, RELATIONS
from whalecurve.engine.baskets.results import PAIRS, BasketStudy
from whalecurve.engine.baskets.settings import Basketing
from whalecurve.engine.baskets.trial import Trial, tried
from whalecurve.engine.customer_shares import passes_for
from whalecurve.engine.errors import Message, setting
from whalecurve.engine.order_files import Paths
from whalecurve.engine.orders import Orders, day_number, scan_orders
from whalecurve.engine.publication import Result, check_target, window_of
from whalecurve.engine.runtime import Budget, memory_budget
from whalecurve.engine.scoring import fitting
from whalecurve.engine.settings import Columns, Given, Scoring, Window, taken
from whalecurve.engine.stages import OnStage, Stages
from whalecurve.engine.store import Scratch
from whalecurve.kernels.arrays import Int32
from whalecurve.kernels.baskets import Partners, Shelves

MOST_ROOM = 1_000_000_000
"""Bytes of counts at once, at most: half of the pairs of 20,000 items."""

Pairing = dict[str, Pairs]
"""The pairs of the same customer by level: what recommends."""


def study_baskets(
    orders: Paths,
    settings: Basketing | Given,
    *,
    columns: Columns | Given | None = None,
    window: Window | Given | None = None,
    scores: str | Path | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    max_refused: float | None = None,
    memory: int | None = None,
    on_stage: OnStage | None = None,
) -> BasketStudy:
    """Find what is bought together, and recommend to each customer what they have not bought.

    Parameters
    ----------
    orders
        Files (Parquet, Arrow, CSV), directories, globs or URLs; or a frame (Polars, pandas, Arrow, DuckDB).
    settings
        What items are, and when a pair is worth a mark; `by` at least.
    scores
        A result of `score` over the same orders, for what its segments buy. None: nothing is said of segments.
    out
        Directory to write to, whole or not at all; replaced only if `overwrite`. None: nothing is written.
    max_refused
        As for `score`.
    memory
        Bytes to keep to; None takes a fixed share of what is there. Lines are read part of the customers at a time, and
        pairs counted part of the items at a time. The ids of customers, and the pairs that are told, come on top.
    columns
        Which column, or SQL expression, plays which role: a `Columns`, or a dict of its names. None: columns
        of the usual names.
    window
        The days observed and their time zone: a `Window`, or a dict of its names. None: all days, up to the
        last one in the data.
    overwrite
        Whether `out` may be replaced.
    on_stage
        Called with the name of each stage as it begins.

    Returns
    -------
    BasketStudy
        Pairs of products, what segments buy, and recommendations.

    Raises
    ------
    InputError
        Input that cannot be worked with; nothing is written then.

    Examples
    --------
    >>> from whalecurve import engine
    >>> found = engine.study_baskets("shop/orders", {"by": "category"})
    >>> type(found).__name__
    'BasketStudy'
    """
    columns, window = taken(Columns, columns) or Columns(), taken(Window, window) or Window()
    asked = taken(Basketing, settings)
    assert asked is not None, "settings were given"
    stages = Stages(on_stage)
    with stages.stage("open"):
        named = dict.fromkeys(name for name in (asked.by, asked.category, asked.price) if name is not None)
        scanned = scan_orders(orders, columns, list(named), window.timezone)
        budget = memory_budget(memory, scanned.n_rows)
        result = None if scores is None else fitting(scores, scanned, window, Scoring())
        if out is not None:
            check_target(Path(out), overwrite=overwrite, orders=scanned.paths, results=[scores])
    with stages.stage("audit"):
        audit = audit_orders(scanned, window if result is None else window_of(result, window))
        refuse_too_many(scanned, audit, max_refused)
    with closing(Scratch(None, budget.now.store // 3, "baskets")) as scratch:
        study = _studied(scanned, audit, asked, result, budget, scratch, stages)
    if out is not None:
        publish(study, Path(out), scanned, audit.window, stages)
    return replace(study, out=None if out is None else Path(out))


def _studied(
    orders: Orders,
    audit: Audit,
    asked: Basketing,
    result: Result | None,
    budget: Budget,
    scratch: Scratch,
    stages: Stages,
) -> BasketStudy:
    with stages.stage("baskets"):
        n_passes = max(passes_for(audit.n_used), budget.now.passes(audit.n_used))
        log = coded_log(orders, audit.window, asked, n_passes, scratch)
    room = min(MOST_ROOM, budget.now.store // 3)
    with stages.stage("pairs"):
        tables, pairing = _pairs(log, asked, room)
    tasks = [next_task(log.categories or log.products), dearer_task(log)]
    days = day_number(audit.first_day), day_number(audit.as_of)
    with stages.stage("try"):
        trials = [None if task is None else tried(log.shares, task, asked, *days, room) for task in tasks]
    segments = None if result is None else segments_of(result)
    with stages.stage("recommend"):
        recommendations = _recommendations(log, tasks, trials, pairing, segments)
    assortment, n_nowhere = None, 0
    if segments is not None:
        with stages.stage("assortment"):
            assortment, n_nowhere = assortment_of(log.shares, log.categories or log.products, segments, asked)
    known = tuple(trial for trial in trials if trial is not None)
    return BasketStudy(
        items=_items(log),
        pairs=tables,
        assortment=assortment,
        recommendations=recommendations,
        trials=known,
        n_baskets=log.n_baskets,
        n_customers=log.n_customers,
        lines={"in_baskets": log.n_lines, "returns_left_out": log.n_returns},
        rows=_rows(audit, log),
        as_of=audit.as_of.isoformat(),
        settings=asked,
        scores=None if result is None else result.manifest["run_id"],
        warnings=(*audit.warnings, *map(Message, _notes(log, asked, known, n_nowhere))),
    )


def _pairs(log: CodedLog, asked: Basketing, room: int) -> tuple[pl.DataFrame, Pairing]:
    tables, pairing = [pl.DataFrame(schema=PAIRS)], Pairing()
    for level in levels_of(log):
        for relation in RELATIONS:
            pairs = pairs_of(log.shares, level, relation, asked.min_customers, room)
            tables.append(table_of(pairs, level, relation, asked))
            if relation.name == CUSTOMER:
                pairing[level.of] = pairs
    return pl.concat(tables), pairing


def _recommendations(
    log: CodedLog, tasks: list[Task | None], trials: list[Trial | None], pairing: Pairing, segments: pl.DataFrame | None
) -> pl.DataFrame:
    """One row per customer, in order of the ids."""
    ready: list[tuple[Task, Shelves, Partners, str] | None] = []
    for task, trial in zip(tasks, trials, strict=True):
        if task is None or trial is None:
            ready.append(None)
            continue
        shelves = shelves_of(task, popularity(log.shares, task.level, None))
        by = pairing[task.level.of] if trial.by_pairs else None
        ready.append((task, shelves, partners_of(by, task.level.n), "pairs" if trial.by_pairs else "popularity"))
    parts = []
    for share in log.shares:
        table = pl.DataFrame({"customer_id": share.ids})
        segment = pl.lit(None, dtype=pl.String).alias(SEGMENT)
        if segments is not None:
            table = table.join(segments, on="customer_id", how="left", maintain_order="left")
            segment = pl.col(SEGMENT)
        table = table.select("customer_id", segment)
        for name, way, most in zip(("next", "dearer"), ready, (NEXT_MOST, 1), strict=True):
            none = np.full((table.height, most), -1, dtype=np.int32)
            if way is None:
                names, found, reasons, basis = pl.Series([], dtype=pl.String), none, none, ""
            else:
                task, shelves, partners, basis = way
                names = task.level.names
                found, reasons, _ = recommended(share, task, shelves, partners, most)
            table = table.with_columns(_columns(name, names, found, reasons, basis))
        parts.append(table)
    return pl.concat(parts).sort("customer_id")


def _columns(name: str, names: pl.Series, found: Int32, reasons: Int32, basis: str) -> list[pl.Series]:
    """The best, what of the customer's own speaks most for it, the second and third, and what they are told by."""
    best = _named(names, found[:, 0])
    others = [f"{name}_{place}" for place in ("second", "third")]
    return [
        best.alias(name),
        *(_named(names, found[:, i]).alias(other) for i, other in enumerate(others[: found.shape[1] - 1], 1)),
        _named(names, reasons[:, 0]).alias(f"{name}_because"),
        pl.select(pl.when(best.is_not_null()).then(pl.lit(basis))).to_series().alias(f"{name}_by"),
    ]


def _named(names: pl.Series, places: Int32) -> pl.Series:
    """The names at places, null for -1."""
    with_none = pl.concat([names, pl.Series([None], dtype=pl.String).alias(names.name)])
    return with_none.gather(np.where(places < 0, names.len(), places))


def _items(log: CodedLog) -> pl.DataFrame:
    """One row per item that was sold, most customers first."""
    tier = pl.col("tier")
    words = pl.when(tier.is_not_null()).then(
        tier.replace_strict(dict(enumerate(TIERS)), default=None, return_dtype=pl.String)
    )
    return (
        log.items.with_columns(is_paired=pl.Series(log.products.codes >= 0), tier=words)
        .sort(-pl.col("customers"), "item")
        .select("item", "category", "customers", "baskets", "price", "tier", "is_paired")
    )


def _rows(audit: Audit, log: CodedLog) -> dict[str, object]:
    """Lines read, filtered, used and refused; sales without an item are refused here."""
    rows = dict(audit.rows)
    if log.n_without_item:
        rows["used"] = audit.n_used - log.n_without_item
        rows["refused"] = audit.refused | {"null_item": log.n_without_item}
    return rows


def _notes(log: CodedLog, asked: Basketing, trials: tuple[Trial, ...], n_nowhere: int) -> list[str]:
    said = []
    if log.n_without_item:
        said.append(f"{asked.by}: {log.n_without_item:,} sale lines have none; they are in no basket")
    if rare := log.items.height - log.products.n:
        said.append(
            f"{rare:,} of {log.items.height:,} items were bought by fewer than {asked.min_customers} customers; they "
            f"are in no pair"
        )
    for trial in trials:
        if trial.by_pairs:
            continue
        why = trial.reason or f"pairs hit no more customers in the last {asked.holdout_days} days"
        said.append(f"{trial.task}: recommended by popularity ({why})")
    if n_nowhere:
        said.append(f"{n_nowhere:,} customers with a basket are in no segment of {setting('scores')}")
    return said
