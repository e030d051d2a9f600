"""Which spend model an order log asks for: Gamma-Gamma, or credibility, which takes losses as they are."""

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from whalecurve.engine.errors import NotIdentifiedError
from whalecurve.engine.models import Fit, FitData, SpendModel, spend_model
from whalecurve.engine.selection.held_out_quarter import LastQuarter
from whalecurve.engine.statistics import Margin, margin_of
from whalecurve.kernels.arrays import Vector

MOST_LOSSES = 0.01
"""Share of repeat customers with m <= 0 beyond which Gamma-Gamma, which does not see them, is not taken."""
FIRST, SECOND = "gamma-gamma", "credibility"


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

    by : "losses" where too many make them, "holdout" where the last quarter was predicted better by more than a
        standard error, "fit" where the other could not be fitted; "default" otherwise
    losses : share of the repeat customers whose repeat purchases brought nothing or less
    margin : mean squared error of Gamma-Gamma in the last quarter less that of credibility; None without one
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
            reason = next(other.reason for other in self.candidates if other.spend != self.spend)
            return f"spend by {title}: {reason}"
        if self.margin is None:
            return f"spend by {title}: too little history to compare models"
        return f"spend by {title}: the other does not predict the last quarter better by more than the standard error"


def choose_spend(fit_data: FitData, quarter: LastQuarter | None, l2: float) -> SpendSelection:
    """Gamma-Gamma, unless it cannot be had or credibility is called for.

    Credibility is taken where more than `MOST_LOSSES` of the repeat customers have m <= 0, where Gamma-Gamma has no
    mean (q <= 1) or is not identified, and where it predicts the last quarter better: of the customers who bought
    then, the mean squared error of what a purchase brought is less by more than the standard error of the difference.
    """
    n, n_losses = fit_data.m.size, int(np.count_nonzero(fit_data.m <= 0.0))
    share = n_losses / n if n else 0.0
    candidates, errors = [], []
    for name in (FIRST, SECOND):
        candidate, error = _candidate(spend_model(name), fit_data, quarter, l2)
        candidates.append(candidate)
        errors.append(error)
    margin = None if errors[0] is None or errors[1] is None else margin_of(errors[0], errors[1])
    chosen, by = FIRST, "default"
    if candidates[1].reason is None:
        if share > MOST_LOSSES:
            chosen, by = SECOND, "losses"
        elif candidates[0].reason is not None:
            chosen, by = SECOND, "fit"
        elif margin is not None and margin.is_clear:
            chosen, by = SECOND, "holdout"
    return SpendSelection(
        spend=chosen,
        by=by,
        losses=share,
        split=None if quarter is None else quarter.window.as_of.isoformat(),
        margin=margin,
        candidates=tuple(candidates),
    )


def _candidate(
    model: SpendModel, fit_data: FitData, quarter: LastQuarter | None, l2: float
) -> tuple[SpendCandidate, Vector | None]:
    """The candidate, and its squared errors in the last quarter."""
    nothing = SpendCandidate(spend=model.name, holdout_error=None, holdout_bias=None, reason=None)
    _, reason = _fitted(model, fit_data, l2)
    if reason is not None or quarter is None:
        return replace(nothing, reason=reason), None
    fit, _ = _fitted(model, quarter.fit_data, l2)
    if fit is None:
        return nothing, None
    x, m = (quarter.customers[name].to_numpy() for name in ("frequency", "monetary_value"))
    predicted = model.expected_value(x, m, *fit.values)
    errors = (predicted - quarter.worth) ** 2
    bought = quarter.purchases > 0.0
    if not bought.any():
        return nothing, None
    total = float((quarter.purchases * quarter.worth)[bought].sum())
    bias = float((quarter.purchases * predicted)[bought].sum()) / total - 1.0 if total > 0.0 else None
    return replace(nothing, holdout_error=float(np.sqrt(errors[bought].mean())), holdout_bias=bias), errors


def _fitted(model: SpendModel, fit_data: FitData, l2: float) -> tuple[Fit | None, str | None]:
    """The fit, or the reason why there is none that can be used."""
    try:
        fit = model.fit_to(fit_data, l2)
    except NotIdentifiedError as error:
        return None, str(error)
    reason = model.lacks_mean(fit)
    return (fit, None) if reason is None else (None, reason)
