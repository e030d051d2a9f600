"""Which spend model a log asks for: Gamma-Gamma, or one that takes losses, heavy tails or frequency as they are."""

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from whalecurve.engine.errors import NotIdentifiedError
from whalecurve.engine.models import Fit, FitData, SpendModel, depends_on_frequency, spend_model
from whalecurve.engine.selection.held_out_quarter import LastQuarter
from whalecurve.engine.statistics import Margin, margin_of
from whalecurve.kernels.arrays import Vector

MOST_LOSSES = 0.01
"""Share of repeat customers with m <= 0 beyond which Gamma-Gamma, which does not see them, is not taken."""
FIRST, SECOND = "gamma-gamma", "credibility"
ROBUST, BY_FREQUENCY = "mean", "frequency"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendCandidate:
    """A model in the comparison; what is None could not be had, `reason` says why.

    holdout_error : root mean squared error of what a purchase of the last quarter brought, by customer who then bought
    holdout_bias : of the value of all their purchases: predicted over actual, less 1
    """

    spend: str
    holdout_error: float | None
    holdout_bias: float | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendSelection:
    """The chosen spend model, and why.

    by : "losses" where too many make them for Gamma-Gamma, "fit" where it could not be fitted, or has no mean, and
        credibility stands in; "holdout" where another one predicted the last quarter better by more than a standard
        error than the one that would be taken without it; "default" otherwise
    losses : share of the repeat customers whose repeat purchases brought nothing or less
    margin : mean squared error in the last quarter of the one that would be taken without it, less that of the best of
        the others; None without one
    """

    spend: str
    by: str
    losses: float
    split: str | None
    margin: Margin | None
    candidates: tuple[SpendCandidate, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return asdict(self) | {"margin": self.margin and self.margin.to_dict()}

    @property
    def words(self) -> str:
        """The choice in a sentence."""
        title = spend_model(self.spend).title
        if self.by == "losses":
            return f"spend by {title}: {self.losses:.1%} of repeat customers lost money on their repeat purchases"
        if self.by == "holdout":
            return f"spend by {title}, which predicts the last quarter better by more than the standard error"
        if self.by == "fit":
            return f"spend by {title}: {self.candidates[0].reason}"
        if self.margin is None:
            return f"spend by {title}: too little history to compare models"
        return f"spend by {title}: the other does not predict the last quarter better by more than the standard error"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    """A candidate, its squared errors in the last quarter, and its fit to all days; None where there is none."""

    candidate: SpendCandidate
    errors: Vector | None = None
    fit: Fit | None = None


def choose_spend(fit_data: FitData, quarter: LastQuarter | None, l2: float) -> SpendSelection:
    """Gamma-Gamma, unless it cannot be had or another is called for.

    Credibility stands in where more than `MOST_LOSSES` of the repeat customers have m <= 0, or Gamma-Gamma has no mean
    (q <= 1) or is not identified. Another one replaces the one that stands where it predicts the last quarter better:
    of the customers who bought then, the mean squared error of what a purchase brought is less by more than the
    standard error of the difference; of several, the least. Tried are credibility, beside it the shrunken mean where
    Gamma-Gamma does not stand, and credibility by frequency where spend depends on it by more than two standard errors.
    """
    n, n_losses = fit_data.m.size, int(np.count_nonzero(fit_data.m <= 0.0))
    share = n_losses / n if n else 0.0
    tried = {name: _tried(spend_model(name), fit_data, quarter, l2) for name in (FIRST, SECOND)}
    standing, by = FIRST, "default"
    if tried[SECOND].candidate.reason is None and (share > MOST_LOSSES or tried[FIRST].candidate.reason is not None):
        standing, by = SECOND, "losses" if share > MOST_LOSSES else "fit"
    more = [ROBUST] if standing == SECOND else []
    if quarter is not None and tried[SECOND].fit is not None:
        tried |= {name: _tried(spend_model(name), fit_data, quarter, l2) for name in (*more, BY_FREQUENCY)}
        line = tried[BY_FREQUENCY].fit
        if line is None or not depends_on_frequency(line):
            del tried[BY_FREQUENCY]
    best, margin = _best(tried, standing)
    if margin is not None and margin.is_clear:
        standing, by = best, "holdout"
    return SpendSelection(
        spend=standing,
        by=by,
        losses=share,
        split=None if quarter is None else quarter.window.as_of.isoformat(),
        margin=margin,
        candidates=tuple(one.candidate for one in tried.values()),
    )


def _best(tried: dict[str, _Tried], standing: str) -> tuple[str, Margin | None]:
    """The other model with the least error in the last quarter, of those clearly better than the standing one if any.

    Gamma-Gamma is none of them where it does not stand: it does not see losses, or has no mean.
    """
    own = tried[standing].errors
    others = {name: one.errors for name, one in tried.items() if name not in (standing, FIRST)}
    known = {name: errors for name, errors in others.items() if errors is not None}
    if own is None or not known:
        return standing, None
    margins = {name: margin_of(own, errors) for name, errors in known.items()}
    clear = [name for name, margin in margins.items() if margin.is_clear] or list(margins)
    best = max(clear, key=lambda name: margins[name].difference)
    return best, margins[best]


def _tried(model: SpendModel, fit_data: FitData, quarter: LastQuarter | None, l2: float) -> _Tried:
    """The candidate held against the last quarter."""
    nothing = SpendCandidate(spend=model.name, holdout_error=None, holdout_bias=None, reason=None)
    whole, reason = _fitted(model, fit_data, l2)
    if reason is not None or quarter is None:
        return _Tried(candidate=replace(nothing, reason=reason), fit=whole)
    fit, _ = _fitted(model, quarter.fit_data, l2)
    if fit is None:
        return _Tried(candidate=nothing, fit=whole)
    x, m = (quarter.customers[name].to_numpy() for name in ("frequency", "monetary_value"))
    predicted = model.expected_value(x, m, *fit.values)
    errors = (predicted - quarter.worth) ** 2
    bought = quarter.purchases > 0.0
    if not bought.any():
        return _Tried(candidate=nothing, fit=whole)
    total = float((quarter.purchases * quarter.worth)[bought].sum())
    bias = float((quarter.purchases * predicted)[bought].sum()) / total - 1.0 if total > 0.0 else None
    error = float(np.sqrt(errors[bought].mean()))
    return _Tried(candidate=replace(nothing, holdout_error=error, holdout_bias=bias), errors=errors, fit=whole)


def _fitted(model: SpendModel, fit_data: FitData, l2: float) -> tuple[Fit | None, str | None]:
    """The fit, or the reason why there is none that can be used."""
    try:
        fit = model.fit_to(fit_data, l2)
    except NotIdentifiedError as error:
        return None, str(error)
    reason = model.lacks_mean(fit)
    return (fit, None) if reason is None else (None, reason)
