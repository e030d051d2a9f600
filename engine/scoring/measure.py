"""Measures over time of an order log, without its customers: the stages of `score`, but none of them is written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.audit import refused_rows
from whalecurve.engine.measures import ByFirstOrder, stickiness_by
from whalecurve.engine.notebook import Displayed
from whalecurve.engine.order_files import Paths
from whalecurve.engine.orders import scan_orders
from whalecurve.engine.publication import (
    MODEL,
    check_target,
    published,
    set_aside,
    write_json,
    write_manifest,
    write_table,
)
from whalecurve.engine.runtime import batches, memory_budget
from whalecurve.engine.scoring.job import open_job
from whalecurve.engine.scoring.over_time import measured, membership_of, settings_of
from whalecurve.engine.scoring.prepare import Resources, prepare
from whalecurve.engine.scoring.records import definitions, manifest_record, model_record
from whalecurve.engine.scoring.tally import CustomerTally
from whalecurve.engine.segments import LABELS, SUMMED, segment_table_of
from whalecurve.engine.settings import Columns, Given, Scoring, Window
from whalecurve.engine.stages import OnStage, Stages
from whalecurve.engine.unfinished import directory_of_this_process

TALLIED = (
    *("n_purchase_days", "spend_falling", "expected_purchases", "n_orders", "next_best_action_from"),
    *("next_purchase", "is_overdue"),
    *SUMMED,
    *LABELS.values(),
)
NOTED = ("customer_id", "position", "first_purchase", "n_lines", "n_return_lines", "sold", "returned")
"""What is needed of the customers: for sums over segments, and for their membership."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Measured(Displayed):
    """Published measures over time.

    out : the directory
    headline : what `measures.json` says
    manifest : what `manifest.json` says
    model : what `model.json` says
    by : stickiness by dimensions of the first order, as `measures/stickiness.parquet` has it; None without any
    values_per_first_order : of each dimension, how many different values a first order that has one has, on average; in
        `model.json`, too
    """

    out: Path
    headline: dict[str, Any]
    manifest: dict[str, Any]
    model: dict[str, Any]
    by: pl.DataFrame | None = None
    values_per_first_order: dict[str, float | None] = field(default_factory=dict)

    def facts(self) -> dict[str, object]:
        """Customers, the days observed, and where the tables are."""
        return {
            "customers": self.manifest["customers"]["all"],
            "as of": self.manifest["as_of"],
            "in": self.out,
        }


def measure(
    orders: Paths,
    *,
    out: str | Path | None = None,
    columns: Columns | Given | None = None,
    window: Window | Given | None = None,
    scoring: Scoring | Given | None = None,
    by: Sequence[str] = (),
    overwrite: bool = False,
    max_refused: float | None = None,
    memory: int | None = None,
    jobs: int | None = None,
    on_stage: OnStage | None = None,
) -> Measured:
    """Work out the measures over time of an order log and publish them at `out`, whole or not at all.

    They are those that `score` writes with the same settings, to the last bit.

    Parameters
    ----------
    by
        Columns or SQL expressions: of new customers, who came back is said for each value on the first order, too.
    orders, out, columns, window, scoring, overwrite, max_refused, memory, jobs
        As for `score`.
    on_stage
        Called with the name of each stage as it begins.

    Returns
    -------
    Measured
        Periods, cohorts and gaps, a frame each, and the measures of each group.

    Raises
    ------
    InputError
        Input that cannot be worked with; nothing is written then.

    Examples
    --------
    >>> import whalecurve as wc
    >>> found = wc.measures("shop/orders")
    >>> found.headline["groups"][0]["scheme"]
    'all'
    """
    stages = Stages(on_stage)
    target = directory_of_this_process() / "measures" if out is None else Path(out)
    with stages.stage("open"):
        job = open_job(orders, columns, window, scoring)
        budget = memory_budget(memory, job.orders.n_rows)
        dimensions = scan_orders(job.orders.files, columns, by, job.window.timezone) if by else None
        check_target(target, overwrite=overwrite, orders=job.orders.paths)
    with published(target) as staging, set_aside(staging) as aside:
        prepared = prepare(job, Resources(budget=budget, jobs=jobs, aside=aside, state=None), max_refused, stages)
        with stages.stage("groups"):
            membership = membership_of(prepared)
            settings_of(prepared, membership)
            tally = CustomerTally(membership, prepared.audit.as_of)
            for _ in batches(tally.watch(_needed(prepared.customers()))):
                pass
            segments = segment_table_of(tally.sums, job.scheme)
        first: ByFirstOrder | None = None
        if dimensions is not None:
            with stages.stage("by"):
                customers = prepared.totals.lazy().select("customer_id", "first_day", "second_day")
                n_passes = budget.now.passes(prepared.audit.n_used)
                asked = settings_of(prepared, membership)
                first = stickiness_by(dimensions, prepared.audit.window, asked, customers, n_passes)
        with stages.stage("measures"):
            over_time = measured(prepared, membership, segments, jobs, None if first is None else first.table)
        with stages.stage("write"):
            over_time.write(staging)
            write_table(segments, staging / "segments.parquet", of="measures")
            write_table(refused_rows(job.orders, prepared.audit), staging / "refused.parquet", of="measures")
            settings = definitions(job, prepared.audit) | {"measures_by": list(by)}
            model = model_record(prepared, segments, settings)
            if first is not None:
                model["values_per_first_order"] = first.values_per_order
            write_json(model, staging / MODEL)
        prepared.totals.close()
        noted = [note for note in (() if dimensions is None else dimensions.notes) if note not in job.orders.notes]
        record = manifest_record(
            "measures", prepared, settings, tally, segments, stages.seconds, warnings=[*over_time.warnings, *noted]
        )
        manifest = write_manifest(record, staging)
    return Measured(
        out=target,
        headline=over_time.headline(),
        manifest=manifest,
        model=model,
        by=None if first is None else first.table,
        values_per_first_order={} if first is None else first.values_per_order,
    )


def _needed(customers: pl.LazyFrame) -> pl.LazyFrame:
    present = customers.collect_schema().names()
    return customers.select(name for name in (*TALLIED, *NOTED) if name in present)
