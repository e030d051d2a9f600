"""Score the past, and hold every label against what its customers then did."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from whalecurve.engine.audit import Audit
from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.label_checks.claims import claims_of
from whalecurve.engine.label_checks.evidence import HOLDS, LEVEL, WEAK, Row, evidence_of
from whalecurve.engine.label_checks.output import publish_labels
from whalecurve.engine.label_checks.results import MOST_BACK, LabelValidation
from whalecurve.engine.order_files import Paths
from whalecurve.engine.runtime import Budget
from whalecurve.engine.scoring import Job
from whalecurve.engine.scoring.prepare import Prepared, Resources, prepare
from whalecurve.engine.segments import LABELS, LEAST_DAYS
from whalecurve.engine.settings import Columns, Given, Scoring, Window, check_list, day
from whalecurve.engine.stages import OnStage, Stages
from whalecurve.engine.statistics import wilson_interval
from whalecurve.engine.store import collect_summary
from whalecurve.engine.unfinished import temporary_directory
from whalecurve.engine.validation import AuditedLog, open_log

DAYS_AHEAD = (90, 365)
"""Days after a cut within which outcomes are counted, where so many were observed."""

USUAL_CUTS = (365, 180)
"""Days before the last one observed at which a log is cut unless cuts are given."""

HISTORY = ("customer_id", "n_purchase_days", "first_purchase", "last_purchase", "days_since_last")
NEEDED = (*HISTORY, "f_score", "risk", "value_class", "spend_falling", *LABELS.values())


def validate_labels(
    orders: Paths,
    *,
    cuts: Sequence[date | str] = (),
    out: str | Path | None = None,
    columns: Columns | Given | None = None,
    window: Window | Given | None = None,
    scoring: Scoring | Given | None = None,
    overwrite: bool = False,
    max_refused: float | None = None,
    memory: int | None = None,
    jobs: int | None = None,
    on_stage: OnStage | None = None,
) -> LabelValidation:
    """Score an order log as of earlier days, and hold the labels of then against what followed.

    Each past is scored by the steps of `score`, from the orders up to its day alone. Outcomes are whether a customer
    known then bought again, and the net value of all orders, within the next 90 and 365 days as far as they were
    observed.

    Parameters
    ----------
    orders, columns, window, scoring, max_refused, memory, jobs
        As for `score`.
    cuts
        Last days of the pasts; none: 365 and 180 days before the last day observed, those of them with 180 days
        observed before.
    out
        Directory to publish the tables and the record in; None to write nothing.
    overwrite
        Whether `out` may be replaced.
    on_stage
        Called with the name of each stage as it begins.

    Returns
    -------
    LabelValidation
        Outcomes by label, scheme and cut.

    Raises
    ------
    InputError
        Input that cannot be worked with, a cut that leaves no past or fewer than 90 days after it, a log too short.

    Examples
    --------
    >>> import whalecurve as wc
    >>> found = wc.validate_labels("shop/orders", cuts=["2025-06-30"])
    >>> found.labels.columns[:4]
    ['cut', 'days', 'scheme', 'label']
    """
    check_list("cuts", cuts)
    asked = [found for cut in cuts if (found := day("cuts", cut)) is not None]
    stages = Stages(on_stage)
    log = open_log(
        orders, columns, window, scoring,
        out=out, overwrite=overwrite, max_refused=max_refused, memory=memory, stages=stages,
    )  # fmt: skip
    audit = log.audit
    days = _cuts(audit, asked)
    held = []
    for cut in days:
        with stages.stage(f"cut at {cut}"):
            held.append(_held_at(cut, log, max_refused, jobs))
    validation = LabelValidation(
        first_day=audit.first_day,
        as_of=audit.as_of,
        cuts=tuple(days),
        value=log.job.value,
        labels=pl.DataFrame([row for at_cut in held for row in at_cut.evidence], infer_schema_length=None),
        churned=pl.DataFrame([at_cut.churned for at_cut in held], infer_schema_length=None),
        warnings=(*audit.warnings, *(words for at_cut in held for words in at_cut.warnings)),
    )
    if out is not None:
        publish_labels(validation, Path(out), log.job, audit, stages)
    return validation


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """The labels as of one day, held against what followed.

    evidence : a row for each claim and span; churned : the row of the churned; warnings : why labels are missing
    """

    evidence: list[Row]
    churned: Row
    warnings: list[str]


def _held_at(cut: date, log: AuditedLog, max_refused: float | None, jobs: int | None) -> _Held:
    """Score the orders up to a day, and hold the labels of then against what followed."""
    job, audit, budget = log.job, log.audit, log.budget
    past = replace(job, window=replace(audit.window, as_of=cut))
    with temporary_directory() as aside:
        resources = Resources(budget=budget, jobs=jobs, aside=aside, state=None)
        prepared = prepare(past, resources, max_refused, Stages())
        with closing(prepared.totals):
            customers = _with_outcomes(_labelled(prepared), job, audit, cut, budget)
            return _Held(
                evidence=_evidence(customers, job, audit, cut),
                churned=_churned(customers, prepared, audit, cut),
                warnings=[f"as of {cut}: {words}" for words in _why_missing(prepared)],
            )


def _cuts(audit: Audit, asked: Sequence[date]) -> list[date]:
    """The days to cut at, in order of time."""
    last = audit.as_of - timedelta(days=DAYS_AHEAD[0])
    if last < audit.observed_from:
        raise InputError(
            f"labels: orders are observed from {audit.observed_from} to {audit.as_of}, and {DAYS_AHEAD[0]} days after "
            "the first are needed to hold labels against; give a longer log"
        )
    for cut in asked:
        if not audit.observed_from <= cut <= last:
            raise InputError(
                f"{setting('cuts', cut)} has no past, or fewer than {DAYS_AHEAD[0]} days after it: orders are observed "
                f"from {audit.observed_from} to {audit.as_of}; cut between {audit.observed_from} and {last}"
            )
    if asked:
        return sorted(set(asked))
    possible = [audit.as_of - timedelta(days=days) for days in USUAL_CUTS if audit.observed_days - days >= LEAST_DAYS]
    if not possible:
        raise InputError(
            f"labels: {audit.observed_days} days are observed, and {LEAST_DAYS + USUAL_CUTS[-1]} are needed, "
            f"{LEAST_DAYS} to score and {USUAL_CUTS[-1]} to hold labels against; give {setting('cuts')}"
        )
    return possible


def _labelled(prepared: Prepared) -> pl.DataFrame:
    """Everybody with a purchase day, and the labels of then."""
    customers = prepared.customers().filter(pl.col("n_purchase_days") > 0).select(NEEDED)
    return customers.collect(engine="streaming")


def _with_outcomes(customers: pl.DataFrame, job: Job, audit: Audit, cut: date, budget: Budget) -> pl.DataFrame:
    """Add what followed: next_purchase (null where none was seen), and spent_<days> for each span observed."""
    spans = [days for days in DAYS_AHEAD if cut + timedelta(days=days) <= audit.as_of]
    ends = {days: cut + timedelta(days=days) for days in spans}
    start = replace(audit.window, since=cut + timedelta(days=1))
    seen = collect_summary(job.orders, start, job.value, budget.now)
    followed = customers.join(
        seen.select("customer_id", next_purchase="first_purchase"), on="customer_id", how="left", maintain_order="left"
    )
    for days, end in ends.items():
        until = replace(start, as_of=end)
        after = seen if end == audit.as_of else collect_summary(job.orders, until, job.value, budget.now)
        spent = after.select("customer_id", pl.col("value").alias(f"spent_{days}"))
        followed = followed.join(spent, on="customer_id", how="left", maintain_order="left")
    return followed.with_columns(pl.selectors.starts_with("spent_").exclude("spend_falling").fill_null(0.0))


def _evidence(customers: pl.DataFrame, job: Job, audit: Audit, cut: date) -> list[Row]:
    rows: list[Row] = []
    for days in (days for days in DAYS_AHEAD if f"spent_{days}" in customers.columns):
        has_bought = (pl.col("next_purchase") <= cut + timedelta(days=days)).fill_null(value=False)
        for claim in claims_of(job.scheme):
            compared = customers.select(
                labelled=claim.has_label,
                among=pl.lit(value=True) if claim.among is None else claim.among,
                bought=has_bought,
                spent=f"spent_{days}",
            ).filter(pl.col("among") & pl.col("labelled").is_not_null())
            arrays = (compared[name].to_numpy() for name in ("labelled", "bought", "spent"))
            what = {"cut": cut, "days": days, "scheme": claim.scheme, "label": claim.label}
            what |= {"compared_with": claim.compared_with, "outcome": claim.outcome, "says": claim.says}
            rows.append(what | evidence_of(claim, *arrays))
    return rows


def _churned(customers: pl.DataFrame, prepared: Prepared, audit: Audit, cut: date) -> Row:
    """Whether the churned stay away for another such span: the one after which they were called so."""
    lifecycle = prepared.job.scheme.lifecycle
    gone = customers.filter(pl.col(LABELS["lifecycle_stage"]) == lifecycle.churned.name)
    spans = prepared.cuts.tiers.rhythm.point(gone, lifecycle.dormant_until)
    wait = (pl.col("next_purchase") - pl.lit(cut)).dt.total_days()
    seen = gone.with_columns(span=spans).filter(pl.col("span") <= (audit.as_of - cut).days)
    n, k = seen.height, seen.select((wait <= pl.col("span")).sum()).item()
    low, high = (float(end[0]) if n else None for end in wilson_interval(np.array([k]), np.array([n]), LEVEL))
    return {
        "cut": cut,
        "customers": n,
        "unobserved": gone.height - n,
        "back": k / n if n else None,
        "back_low": low,
        "back_high": high,
        "verdict": None if not n else HOLDS if k <= MOST_BACK * n else WEAK,
    }


def _why_missing(prepared: Prepared) -> list[str]:
    """Why some labels could not be given."""
    models = prepared.models
    reasons = {"no purchase model": models.purchases_reason, "no spend model": models.spend_reason}
    missing = [f"{what}, so that labels which rest on one are missing: {why}" for what, why in reasons.items() if why]
    return [*missing, *prepared.risk.warnings]
