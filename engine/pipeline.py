"""The whole computation, read top to bottom."""

from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.audit import audit_orders, refuse_too_many, refused_rows, turnover_is_safe
from whalecurve.engine.concentration import concentration, curve, with_concentration
from whalecurve.engine.config import Columns, Scoring, Window
from whalecurve.engine.files import Paths
from whalecurve.engine.job import Job, open_job, plan
from whalecurve.engine.modelling import fit_models, with_models
from whalecurve.engine.output import (
    MANIFEST,
    Layout,
    check_target,
    outputs_below,
    published,
    write_customers,
    write_json,
    write_table,
)
from whalecurve.engine.record import manifest_record, model_record
from whalecurve.engine.results import Run
from whalecurve.engine.rfm import Thresholds, rfm_thresholds, with_rfm
from whalecurve.engine.runtime import hash_passes
from whalecurve.engine.segments import segment_table, value_cutoff, with_matrix, with_rfm_segment
from whalecurve.engine.selection import choose_model
from whalecurve.engine.stages import OnStage, Stages
from whalecurve.engine.summary import collect_summary


def score(
    orders: Paths,
    *,
    out: str | Path,
    columns: Columns | None = None,
    window: Window | None = None,
    scoring: Scoring | None = None,
    overwrite: bool = False,
    layout: Layout = "hive",
    max_refused: float | None = None,
    memory: int | None = None,
    on_stage: OnStage | None = None,
) -> Run:
    """Score every customer of an order log and publish the result at `out`, whole or not at all.

    Parameters
    ----------
    orders
        Parquet files, directories, globs or URLs.
    out
        Directory to write; replaced only if `overwrite`.
    max_refused
        Largest share of refused rows; rows outside the window or left out by `where` do not count. None: 5 % of
        the rows that name a customer (lines that name none are reported, but stop nothing).
    memory
        Bytes that grouping the orders should keep to, by going over them several times; it changes no result.

    Raises
    ------
    InputError
        Input that cannot be worked with; nothing is written then.
    """
    target, stages = Path(out), Stages(on_stage)
    with stages.stage("open"):
        job = open_job(orders, columns, window, scoring)
        check_target(target, overwrite=overwrite, files=job.orders.files)
    with stages.stage("audit"):
        audit = audit_orders(job.orders, job.window)
        refuse_too_many(job.orders, audit, max_refused)
        turnover_is_safe(job.orders, audit)
    with stages.stage("summary"):
        n_passes = hash_passes(audit.n_used, memory)
        summary = collect_summary(job.orders, audit.window, job.value, n_passes)
    with stages.stage("fit"):
        selection = choose_model(job, audit, summary, n_passes) if job.scoring.model == "auto" else None
        chosen = selection.model if selection else None
        models = fit_models(summary, audit.window, job.scoring, chosen, job.covariates)
    with stages.stage("score"):
        scored = with_models(summary, models, audit.window, job.scoring)
        thresholds, cutoff = (
            rfm_thresholds(scored, job.scoring.rfm_bins),
            value_cutoff(scored, job.scoring.value_quantile),
        )
        customers = with_concentration(_segmented(scored, thresholds, cutoff, job))
        repeat = customers.filter(pl.col("n_purchase_days") > 1)
        populations = {"all": customers["value"].to_numpy(), "repeat": repeat["value"].to_numpy()}
        shares = {name: concentration(values) for name, values in populations.items()}
        segments = segment_table(customers, job.scheme)
    with published(target) as staging:
        with stages.stage("write"):
            write_customers(
                customers.lazy().with_columns(pl.selectors.float().fill_nan(None)), staging / "customers", layout
            )
            write_table(segments, staging / "segments.parquet")
            curves = [
                curve(values).select(pl.lit(name).alias("population"), pl.all()) for name, values in populations.items()
            ]
            write_table(pl.concat(curves), staging / "concentration.parquet")
            write_table(refused_rows(job.orders, audit), staging / "refused.parquet")
            model = model_record(job, audit, models, selection, thresholds, cutoff)
            write_json(model, staging / "model.json")
        manifest = manifest_record(job, audit, models, customers, shares, stages.seconds)
        manifest["outputs"] = outputs_below(staging)
        write_json(manifest, staging / MANIFEST)
    return Run(out=target, manifest=manifest, model=model, segments=segments.to_dicts())


def plan_score(
    orders: Paths,
    columns: Columns | None = None,
    window: Window | None = None,
    scoring: Scoring | None = None,
    *,
    out: str | Path,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Everything that `score` checks before it reads rows, and what it would then do. Nothing is written."""
    job = open_job(orders, columns, window, scoring)
    check_target(Path(out), overwrite=overwrite, files=job.orders.files)
    return plan(job) | {"out": str(out)}


def _segmented(scored: pl.DataFrame, thresholds: Thresholds, cutoff: float | None, job: Job) -> pl.DataFrame:
    """R, F and M scores, the segment they name, and the cell of the risk x value matrix."""
    named = with_rfm_segment(with_rfm(scored.lazy(), thresholds), job.scheme)
    return with_matrix(named, job.scheme, cutoff=cutoff, risk_threshold=job.scoring.risk_threshold).collect(
        engine="streaming"
    )
