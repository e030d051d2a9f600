"""The whole computation, read top to bottom."""

from pathlib import Path
from typing import Any, get_args

import polars as pl

from whalecurve.engine.audit import refused_rows
from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.lineage import check_lineage, completed, write_lineage
from whalecurve.engine.order_files import Paths
from whalecurve.engine.outputs import tables_in
from whalecurve.engine.paths import is_object_url, unfolded
from whalecurve.engine.publication import (
    MODEL,
    Layout,
    check_tables,
    check_target,
    commit_tables,
    held,
    published,
    set_aside,
    write_customers,
    write_json,
    write_manifest,
    write_table,
)
from whalecurve.engine.runtime import memory_budget
from whalecurve.engine.scoring.drift import population_drift
from whalecurve.engine.scoring.job import open_job, plan
from whalecurve.engine.scoring.old_run import open_old_run
from whalecurve.engine.scoring.over_time import measured_if_possible, membership_of
from whalecurve.engine.scoring.prepare import Prepared, Resources, prepare
from whalecurve.engine.scoring.records import definitions, manifest_record, model_record
from whalecurve.engine.scoring.run import Run
from whalecurve.engine.scoring.tally import CustomerTally
from whalecurve.engine.segment_quality import QualitySums, quality_of, remarked, remarks_of
from whalecurve.engine.segments import segment_table_of
from whalecurve.engine.settings import Columns, Given, Scoring, Window
from whalecurve.engine.stages import OnStage, Stages
from whalecurve.engine.unfinished import directory_of_this_process


def score(
    orders: Paths,
    *,
    out: str | Path | None = None,
    columns: Columns | Given | None = None,
    window: Window | Given | None = None,
    scoring: Scoring | Given | None = None,
    overwrite: bool = False,
    layout: Layout = "flat",
    max_refused: float | None = None,
    memory: int | None = None,
    jobs: int | None = None,
    state: str | Path | None = None,
    thresholds: str | Path | None = None,
    totals: bool = False,
    measures: bool = True,
    tables: str | Path | None = None,
    lineage: str | Path | None = None,
    on_stage: OnStage | None = None,
) -> Run:
    """Score every customer of an order log and publish the result at `out`, whole or not at all.

    Parameters
    ----------
    orders
        Files (Parquet, Arrow, CSV), directories, globs, URLs or tables; a frame (Polars, pandas, Arrow, DuckDB); or a
        `Query` of a database.
    out
        Directory to write; replaced only if `overwrite`. None: a temporary one, gone when the process ends, of which
        the run has the frames.
    max_refused
        Largest share of refused rows; rows outside the window or filtered by `where` do not count. None: 5 % of
        the rows that name a customer (lines that name none are reported, but stop nothing).
    memory
        Bytes to keep to, by putting order lines and totals aside on disk; None: a share of what there is. It changes
        no result.
    jobs
        Threads that add up the orders; None: one a core. It changes no result.
    state
        Directory that keeps the lines, those of a customer, day, order and kind as one: the next run with it reads new
        files alone. It changes no result. One run at a time may use it.
    thresholds
        The `model.json` of an old run, or its directory: its thresholds, models and settings are used, and nothing is
        fitted. `window` and `scoring`, where given, must agree with it.
    totals
        Whether `orders` are not lines but totals of customers, version 1, as docs/totals.md has them: exact sums that
        another engine has added up. What needs the days of customers is left out, and noted.
    measures
        Whether measures over time are worked out too.
    tables
        Directory or place on an object store whose Delta Lake tables get a new version each: customers, segments and
        measures, of this run.
    lineage
        File for an event of OpenLineage, as JSON: what the run read and wrote. It is written last, once the result is
        published, and replaced only if `overwrite`.
    columns
        Which column, or SQL expression, plays which role: a `Columns`, or a dict of its names. None: columns
        of the usual names.
    window
        The days observed and their time zone: a `Window`, or a dict of its names. None: all days, up to the
        last one in the data.
    scoring
        How customers are scored: a `Scoring`, or a dict of its names. None: the defaults.
    overwrite
        Whether `out`, and `lineage`, may be replaced.
    layout
        "flat": `customers` is a directory of Parquet files; "hive": one directory below it for each RFM segment.
    on_stage
        Called with the name of each stage as it begins.

    Returns
    -------
    Run
        The result: `customers` as a lazy frame, `segments` as a frame, records as dicts.

    Raises
    ------
    InputError
        Input that cannot be worked with; nothing is written then.

    Examples
    --------
    >>> import whalecurve as wc
    >>> run = wc.score("shop/orders", out="result", window={"as_of": "2025-06-30"}, scoring={"horizon_days": 180})
    >>> run.customers.select("rfm_segment", "p_alive", "clv", "clv_total").collect().height
    208
    >>> run.as_of
    datetime.date(2025, 6, 30)
    """
    if layout not in get_args(Layout):
        raise InputError(f'{setting("layout")} "{layout}" is unknown; choose flat or hive')
    stages = Stages(on_stage)
    target = directory_of_this_process() / "scores" if out is None else Path(out)
    with stages.stage("open"):
        old = open_old_run(thresholds) if thresholds is not None else None
        job = open_job(orders, columns, window, scoring, old, totals=totals)
        if totals and state is not None:
            raise InputError(f"{setting('state')} keeps order lines, and {setting('totals')} are given; leave one out")
        budget = memory_budget(memory, job.orders.n_rows)
        check_target(target, overwrite=overwrite, orders=job.orders.paths)
        if tables is not None:
            check_tables(tables, target)
        if lineage is not None:
            check_lineage(lineage, target, overwrite=overwrite)
    kept = Path(state) if state is not None else None
    with held(kept, "state"), published(target) as staging, set_aside(staging) as aside:
        resources = Resources(budget=budget, jobs=jobs, aside=aside, state=kept)
        prepared = prepare(job, resources, max_refused, stages)
        with stages.stage("write"):
            membership = membership_of(prepared) if measures and not job.has_totals else None
            quality = QualitySums(prepared.largest_value, job.scheme.bins)
            tally = CustomerTally(membership, prepared.audit.as_of, quality)
            write_customers(tally.watch(prepared.customers()), staging / "customers", layout)
            segments = segment_table_of(tally.sums, job.scheme)
            write_table(segments, staging / "segments.parquet", of="score")
            judged = quality_of(quality)
            write_table(remarked(judged, job.scheme.quality), staging / "segment_quality.parquet", of="score")
            write_table(prepared.curves, staging / "concentration.parquet", of="score")
            write_table(_refused(prepared), staging / "refused.parquet", of="score")
            settings = definitions(job, prepared.audit)
            model = model_record(prepared, segments, settings)
            write_json(model, staging / MODEL)
        warnings: list[str] = []
        if membership is not None:
            with stages.stage("measures"):
                over_time, warnings = measured_if_possible(prepared, membership, segments, jobs)
                if over_time is not None:
                    over_time.write(staging)
        prepared.totals.close()
        drift = (
            population_drift(old.population, model["population"]) | {"from": old.to_dict()} if old is not None else None
        )
        record = manifest_record(
            "score", prepared, settings, tally, segments, stages.seconds, warnings=warnings, moved=drift,
            segment_quality=remarks_of(judged, job.scheme.quality),
        )  # fmt: skip
        if tables is not None:
            with stages.stage("tables"):
                record["tables"] = commit_tables(tables, staging, record)
        manifest = write_manifest(record, staging)
        event = completed(manifest, target, tables_in(staging, "score")) if lineage is not None else None
    if lineage is not None and event is not None:
        write_lineage(lineage, event)
    return Run(
        path=unfolded(target) if is_object_url(unfolded(target)) else target,
        manifest=manifest,
        model=model,
        segments=segments,
        as_of=prepared.audit.window.as_of,
    )


def plan_score(
    orders: Paths,
    columns: Columns | Given | None = None,
    window: Window | Given | None = None,
    scoring: Scoring | Given | None = None,
    *,
    out: str | Path,
    overwrite: bool = False,
    thresholds: str | Path | None = None,
    totals: bool = False,
    memory: int | None = None,
) -> dict[str, Any]:
    """Everything that `score` checks before it reads rows, and what it would then do. Nothing is written.

    `memory` is its limit in bytes, `memory_at_least` the least that reads the orders, `passes` how often they are read
    whole: a choice of models, and a trial of groups, take a second look, a dimension to fit by another. Lines that are
    refused are looked up once more.

    Parameters
    ----------
    orders, columns, window, scoring, out, overwrite, thresholds, totals, memory
        As for `score`.

    Returns
    -------
    dict
        What `score` would read and write, and with how much memory.

    Raises
    ------
    InputError
        What `score` would refuse before it reads rows.

    Examples
    --------
    >>> from whalecurve import engine
    >>> engine.plan_score("shop/orders", out="planned")["passes"]
    1
    """
    old = open_old_run(thresholds) if thresholds is not None else None
    job = open_job(orders, columns, window, scoring, old, totals=totals)
    check_target(Path(out), overwrite=overwrite, orders=job.orders.paths)
    budget = memory_budget(memory, job.orders.n_rows)
    budget.check()
    by_group = job.scoring.fit_by is not None
    passes = 1 + (old is None and ("auto" in (job.scoring.model, job.scoring.spend) or by_group))
    passes += job.dimensions is not None
    return plan(job) | {
        "memory": budget.total,
        "memory_at_least": budget.least(),
        "passes": passes,
        "out": unfolded(out),
    }


def _refused(prepared: Prepared) -> pl.DataFrame:
    """The refused lines: those that a state kept, or those in the files."""
    kept = prepared.totals.refused
    return kept if kept is not None else refused_rows(prepared.job.orders, prepared.audit)
