"""The whole computation, read top to bottom."""

from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.audit import Audit, refuse_too_many, refused_rows, turnover_is_safe
from whalecurve.engine.concentration import concentration, curve
from whalecurve.engine.config import Columns, Scoring, Window
from whalecurve.engine.files import Paths
from whalecurve.engine.job import Job, open_job, plan
from whalecurve.engine.modelling import fit_evidence
from whalecurve.engine.moved import moved, population_record
from whalecurve.engine.one_pass import read_totals
from whalecurve.engine.output import (
    MANIFEST,
    Layout,
    check_target,
    outputs_below,
    published,
    set_aside,
    write_customers,
    write_json,
    write_table,
)
from whalecurve.engine.passing import Passing
from whalecurve.engine.population import COLUMNS as POPULATION
from whalecurve.engine.population import Population, population_of
from whalecurve.engine.ranking import ranking_of, with_ranking
from whalecurve.engine.record import manifest_record, model_record
from whalecurve.engine.results import Run
from whalecurve.engine.reuse import open_old_run
from whalecurve.engine.rfm import Thresholds, with_rfm
from whalecurve.engine.rfm_nested import AnyThresholds
from whalecurve.engine.runtime import memory_budget
from whalecurve.engine.scoring import Scores
from whalecurve.engine.segments import segment_table_of, value_cutoff, with_matrix, with_rfm_segment
from whalecurve.engine.selection import choose_model
from whalecurve.engine.source import batches
from whalecurve.engine.stages import OnStage, Stages
from whalecurve.engine.summary import summary_of

HISTORY = ("customer_id", "frequency", "recency", "T")


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
    jobs: int | None = None,
    state: str | Path | None = None,
    thresholds: str | Path | None = None,
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
        Bytes to keep to, by going over the orders several times and putting totals aside on disk; None: a share of
        what there is. It changes no result.
    jobs
        Threads that add up the orders; None: one a core. It changes no result.
    state
        Directory that keeps what was added up: the next run with it reads new files alone. It changes no result.
    thresholds
        The `model.json` of an old run, or its directory: its thresholds, models and settings are used, and nothing is
        fitted. `window` and `scoring`, where given, must agree with it.

    Raises
    ------
    InputError
        Input that cannot be worked with; nothing is written then.
    """
    target, stages = Path(out), Stages(on_stage)
    with stages.stage("open"):
        old = open_old_run(thresholds) if thresholds is not None else None
        job = open_job(orders, columns, window, scoring, old)
        check_target(target, overwrite=overwrite, files=job.orders.files)
    with published(target) as staging, set_aside(staging) as aside:

        def accept(audit: Audit) -> None:
            refuse_too_many(job.orders, audit, max_refused)
            turnover_is_safe(job.orders, audit)

        with stages.stage("summary"):
            budget = memory_budget(memory, job.orders.n_rows)
            kept = Path(state) if state is not None else None
            totals = read_totals(job.orders, job.window, budget, accept=accept, jobs=jobs, aside=aside, state=kept)
            audit, summary = totals.audit, summary_of(totals, job.value)
            tables = batches(summary.select(POPULATION))
            population = population_of(tables, audit.window, job.scoring.rfm_method)
        with stages.stage("fit"):
            is_open = job.scoring.model == "auto" and old is None
            selection = choose_model(job, totals, population, memory) if is_open else None
            known = summary.select(HISTORY).collect(engine="streaming") if job.covariates else None
            chosen = selection.model if selection else None
            if old is None:
                models = fit_evidence(population.evidence, audit.window, job.scoring, chosen, job.covariates, known)
            else:
                models = old.models(population.evidence)
        with stages.stage("score"):
            scores = Scores(totals, job.value, models, population, audit.window, job.scoring)
            cuts = _cuts(job, population)
            cutoff = old.cutoff if old is not None else _cutoff(scores, job.scoring.value_quantile)
            ranking = ranking_of(population.values)
            populations = {"all": population.values, "repeat": population.values[population.n_purchase_days > 1]}
            shares = {name: concentration(values) for name, values in populations.items()}
        with stages.stage("write"):
            passing = Passing()
            customers = _decided(scores.customers(ranking.columns), cuts, cutoff, job)
            write_customers(passing.watch(with_ranking(customers, ranking)), staging / "customers", layout)
            segments = segment_table_of(passing.sums, job.scheme)
            write_table(segments, staging / "segments.parquet")
            curves = [
                curve(values).select(pl.lit(name).alias("population"), pl.all()) for name, values in populations.items()
            ]
            write_table(pl.concat(curves), staging / "concentration.parquet")
            refused = totals.refused if totals.refused is not None else refused_rows(job.orders, audit)
            write_table(refused, staging / "refused.parquet")
            found = population_record(population, cuts, segments)
            model = model_record(job, audit, models, selection, cuts, cutoff, found)
            write_json(model, staging / "model.json")
        totals.close()
        manifest = manifest_record(job, audit, models, passing, segments, shares, stages.seconds)
        manifest["moved"] = moved(old.population, found) | {"from": old.to_dict()} if old is not None else None
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
    thresholds: str | Path | None = None,
) -> dict[str, Any]:
    """Everything that `score` checks before it reads rows, and what it would then do. Nothing is written."""
    old = open_old_run(thresholds) if thresholds is not None else None
    job = open_job(orders, columns, window, scoring, old)
    check_target(Path(out), overwrite=overwrite, files=job.orders.files)
    return plan(job) | {"out": str(out)}


def _cuts(job: Job, population: Population) -> AnyThresholds:
    """Thresholds of R, F and M: those of the old run, own ones, or those that the customers give."""
    if job.old is not None:
        return job.old.thresholds
    own = job.scoring.rfm_cuts
    return own if isinstance(own, Thresholds) else population.thresholds(job.scoring.rfm_bins, job.scoring.rfm_method)


def _cutoff(scores: Scores, quantile: float) -> float | None:
    return value_cutoff(scores.customers().select("clv_total").collect(engine="streaming"), quantile)


def _decided(customers: pl.LazyFrame, thresholds: AnyThresholds, cutoff: float | None, job: Job) -> pl.LazyFrame:
    """R, F and M scores, the segment they name, and the cell of the risk x value matrix."""
    named = with_rfm_segment(with_rfm(customers, thresholds), job.scheme)
    return with_matrix(named, job.scheme, cutoff=cutoff, risk_threshold=job.scoring.risk_threshold)
