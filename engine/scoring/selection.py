"""Which purchase model fits an order log best: by what it predicts where history allows a test, else by BIC."""

import math
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl

from whalecurve.engine.errors import NotIdentifiedError
from whalecurve.engine.forecasts import Models, Scores, summary_in_memory
from whalecurve.engine.models import CONTINUOUS, Fit, Histories, fit_counts, histories_of, purchase_model
from whalecurve.engine.runtime import Budget
from whalecurve.engine.scoring.job import Job
from whalecurve.engine.settings import ObservedWindow, Scoring
from whalecurve.engine.store import Totals, collect_summary, summary_of

HELD_OUT = 4  # the last quarter of the days observed is predicted
LEAST_DAYS = 28  # and no less than this
LEAST_REPEAT_CUSTOMERS = 100
NAMES = (*CONTINUOUS, "auto")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One model in the comparison; what is None could not be had, `reason` says why.

    bic : of the fit to the whole window
    holdout_error : root mean squared error of a customer's purchases after the split, predicted from before it
    """

    model: str
    bic: float | None
    holdout_error: float | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The chosen model, by which measure ("holdout" or "bic"), and all that were compared."""

    model: str
    by: str
    split: str | None
    candidates: tuple[Candidate, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return asdict(self)


def choose_model(job: Job, totals: Totals, whole: Histories, budget: Budget) -> Selection:
    """Compare the models of continuous time on an order log, whose histories are `whole`.

    The last quarter of the days is predicted from the days before it, for customers known by then. Where that
    leaves too little (fewer than `LEAST_DAYS` days or `LEAST_REPEAT_CUSTOMERS` repeat customers), the lower BIC
    decides. Ties go to the first of `CONTINUOUS`.
    """
    audit = totals.audit
    past, actual = _past(job, totals, budget)
    candidates = [_candidate(name, whole, past, actual, job.scoring, audit.window) for name in CONTINUOUS]
    tested = [c for c in candidates if c.holdout_error is not None and math.isfinite(c.holdout_error)]
    fitted = tested or [c for c in candidates if c.bic is not None] or candidates[:1]
    best = min(fitted, key=lambda c: (c.holdout_error if tested else c.bic) or 0.0)
    window = None if past is None else past.window
    return Selection(
        model=best.model,
        by="holdout" if tested else "bic",
        split=window.as_of.isoformat() if window is not None else None,
        candidates=tuple(candidates),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    window: ObservedWindow
    horizon_days: int
    customers: pl.DataFrame
    histories: Histories


def _past(job: Job, totals: Totals, budget: Budget) -> tuple[_Past | None, np.ndarray | None]:
    """What was known before the last quarter, and what each customer then did; None where history is too short.

    Purchase days are counted day by day, so those of the holdout are those of the whole window less those before.
    """
    audit = totals.audit
    first = audit.window.since or audit.first_day
    horizon = ((audit.as_of - first).days + 1) // HELD_OUT
    if horizon < LEAST_DAYS:
        return None, None
    window = replace(audit.window, as_of=audit.as_of - timedelta(days=horizon))
    before = collect_summary(job.orders, window, job.value, budget.now).filter(pl.col("frequency").is_not_null())
    if before.filter(pl.col("frequency") > 0).height < LEAST_REPEAT_CUSTOMERS:
        return None, None
    after = summary_of(totals, job.value).select("customer_id", n_in_all="n_purchase_days").collect(engine="streaming")
    joined = before.join(after, on="customer_id", how="left", maintain_order="left")
    actual = (joined["n_in_all"].cast(pl.Int64) - joined["n_purchase_days"].cast(pl.Int64)).cast(pl.Float64).to_numpy()
    past = _Past(window=window, horizon_days=horizon, customers=before, histories=histories_of(before))
    return past, actual


def _candidate(
    name: str, whole: Histories, past: _Past | None, actual: np.ndarray | None, scoring: Scoring, window: ObservedWindow
) -> Candidate:
    try:
        bic = fit_counts(purchase_model(name), whole, unit=window.model_unit, l2=scoring.l2).bic
    except NotIdentifiedError as error:
        return Candidate(model=name, bic=None, holdout_error=None, reason=str(error))
    if past is None or actual is None:
        return Candidate(model=name, bic=bic, holdout_error=None, reason=None)
    try:
        fit = fit_counts(purchase_model(name), past.histories, unit=window.model_unit, l2=scoring.l2)
    except NotIdentifiedError as error:
        return Candidate(model=name, bic=bic, holdout_error=None, reason=f"before the split: {error}")
    return Candidate(model=name, bic=bic, holdout_error=_error(fit, past, actual, scoring), reason=None)


def _error(fit: Fit, past: _Past, actual: np.ndarray, scoring: Scoring) -> float:
    ahead = replace(scoring, horizon_days=past.horizon_days, risk_days=past.horizon_days, intervals=None)
    scores = Scores(summary_in_memory(past.customers), Models.of_purchases(fit), past.histories, past.window, ahead)
    predicted = scores.customers().select("expected_purchases").collect().to_series().to_numpy()
    return math.sqrt(float(((predicted - actual) ** 2).mean()))
