"""Which purchase model an order log asks for: by a holdout where it tells them apart, else by BIC."""

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from whalecurve.engine.errors import NotIdentifiedError
from whalecurve.engine.forecasts import Models, Scores, summary_in_memory
from whalecurve.engine.models import CONTINUOUS, Fit, Histories, fit_counts, purchase_model
from whalecurve.engine.selection.held_out_quarter import LastQuarter
from whalecurve.engine.settings import ObservedWindow, Scoring
from whalecurve.engine.statistics import Margin, margin_of
from whalecurve.kernels.arrays import Vector

RHYTHMIC = "mbgcnbd"
"""The model with stages that is tried: who buys in a rhythm may leave after the first purchase, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A model in the comparison; what is None could not be had, `reason` says why.

    bic : of the fit to the whole window
    holdout_error : root mean squared error of a customer's purchases after the split, predicted from before it
    margin : its mean squared error less the least one; None without
    """

    model: str
    bic: float | None
    holdout_error: float | None
    reason: str | None
    margin: Margin | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return asdict(self) | {"margin": self.margin and self.margin.to_dict()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The chosen model, by which measure ("holdout" or "bic"), and all that were compared.

    split : last day before the quarter that was predicted; None where there is too little history for that
    """

    model: str
    by: str
    split: str | None
    candidates: tuple[Candidate, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return asdict(self) | {"candidates": [candidate.to_dict() for candidate in self.candidates]}


def choose_model(whole: Histories, quarter: LastQuarter | None, scoring: Scoring, window: ObservedWindow) -> Selection:
    """Compare the models of continuous time on the customers whose histories are `whole`.

    The last quarter of the days is predicted from the days before it, for customers known by then. Models whose mean
    squared error is above the least one by no more than the standard error of the difference predict equally well, and
    among these the lowest BIC decides; so it does where there is no quarter. Ties go to the first of `CONTINUOUS`.
    MBG/CNBD-k is among them where gaps have more than one stage and no season is asked for; with one it is MBG/NBD.
    """
    names = (*CONTINUOUS, *((RHYTHMIC,) if _tells_stages(whole, quarter, scoring) else ()))
    found = [_candidate(name, whole, quarter, scoring, window) for name in names]
    pairs = [pair for pair in found if pair is not None]
    losses = {c.model: errors for c, errors in pairs if errors is not None and bool(np.isfinite(errors).all())}
    least = min(losses, key=lambda name: float(losses[name].mean()), default=None)
    candidates = [
        replace(c, margin=margin_of(losses[c.model], losses[least])) if least is not None and c.model in losses else c
        for c, _ in pairs
    ]
    equal = [c for c in candidates if c.margin is not None and not c.margin.is_clear]
    fitted = [c for c in equal or candidates if c.bic is not None] or candidates[:1]
    best = min(fitted, key=lambda c: math.inf if c.bic is None else c.bic)
    return Selection(
        model=best.model,
        by="holdout" if len(equal) == 1 else "bic",
        split=None if quarter is None else quarter.window.as_of.isoformat(),
        candidates=tuple(candidates),
    )


def _tells_stages(whole: Histories, quarter: LastQuarter | None, scoring: Scoring) -> bool:
    """Whether stages of gaps can be chosen: gaps are known, time is that of the calendar, and all share parameters."""
    pasts = [whole, *(() if quarter is None else (quarter.fit_data.histories,))]
    return scoring.season == "none" and scoring.fit_by is None and all(past.log_gaps is not None for past in pasts)


def _candidate(
    name: str, whole: Histories, quarter: LastQuarter | None, scoring: Scoring, window: ObservedWindow
) -> tuple[Candidate, Vector | None] | None:
    """The candidate, and its squared errors in the last quarter; None of one with one stage."""
    model, unit, l2 = purchase_model(name), window.model_unit, scoring.l2
    candidate = Candidate(model=name, bic=None, holdout_error=None, reason=None)
    try:
        fit = fit_counts(model, whole, unit=unit, l2=l2)
    except NotIdentifiedError as error:
        return replace(candidate, reason=str(error)), None
    if fit.params.get("k") == 1.0:
        return None
    candidate = replace(candidate, bic=fit.bic)
    if quarter is None:
        return candidate, None
    try:
        fit = fit_counts(model, quarter.fit_data.histories, unit=unit, l2=l2)
    except NotIdentifiedError as error:
        return replace(candidate, reason=f"before the split: {error}"), None
    errors = (_predicted(fit, quarter, scoring) - quarter.purchases) ** 2
    return replace(candidate, holdout_error=math.sqrt(float(errors.mean()))), errors


def _predicted(fit: Fit, quarter: LastQuarter, scoring: Scoring) -> Vector:
    """Purchases expected of each customer in the last quarter."""
    ahead = replace(scoring, horizon_days=quarter.horizon_days, risk_days=quarter.horizon_days, intervals=None)
    models, histories = Models.of_purchases(fit), quarter.fit_data.histories
    scores = Scores(summary_in_memory(quarter.customers), models, histories, quarter.window, ahead)
    predicted: Vector = scores.customers().select("expected_purchases").collect().to_series().to_numpy()
    return predicted
