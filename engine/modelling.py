"""Stage: summary -> the models fitted to it, or the reason why there is none; and what they say of each customer."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from whalecurve.engine.calibration import Calibration, calibrate
from whalecurve.engine.clv import prospects, with_clv, with_purchases
from whalecurve.engine.config import Scoring, Window
from whalecurve.engine.errors import NotIdentifiedError
from whalecurve.engine.fitting import fit_counts, fit_spend
from whalecurve.engine.history import histories_of
from whalecurve.engine.intervals import with_intervals
from whalecurve.engine.models import purchase_model
from whalecurve.engine.results import Fit

CORRELATED = 0.3  # from here on the spend model's assumption is worth a warning


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """The fitted models; where one is None, its reason says why.

    n_left_out : repeat customers without a positive mean value, whom the spend model does not see
    correlation : of frequency and monetary value among those it sees; the model takes it for zero
    """

    purchases: Fit | None
    purchases_reason: str | None
    calibration: Calibration | None
    spend: Fit | None
    spend_reason: str | None
    n_left_out: int
    correlation: float | None

    @property
    def usable_spend(self) -> Fit | None:
        """The spend model, unless its distribution of spend has no mean."""
        return self.spend if self.spend is not None and self.spend.params["q"] > 1.0 else None

    @property
    def warnings(self) -> list[str]:
        """All that a reader of CLV should know, in whole sentences."""
        said = [f"no purchase model: {self.purchases_reason}"] if self.purchases_reason else []
        said += [f"no spend model: {self.spend_reason}"] if self.spend_reason else []
        said += [f"{fit.model}: {words}" for fit in (self.purchases, self.spend) if fit for words in fit.warnings]
        if self.correlation is not None and abs(self.correlation) >= CORRELATED:
            said.append(
                f"frequency and monetary value correlate ({self.correlation:.2f}); the spend model takes them for "
                f"independent, so read CLV with care"
            )
        return said


def fit_models(summary: pl.DataFrame, window: Window, scoring: Scoring, model: str | None = None) -> Models:
    """Fit both models; `summary` is sorted by customer. `model` is that of `scoring` unless given."""
    histories = histories_of(summary)
    purchases, calibration, why_not = None, None, None
    try:
        purchases = fit_counts(purchase_model(model or scoring.model), histories, unit=window.model_unit, l2=scoring.l2)
        calibration = calibrate(histories, purchases)
    except NotIdentifiedError as error:
        why_not = str(error)
    repeat = summary.filter(pl.col("frequency") > 0)
    seen = repeat.filter(pl.col("monetary_value") > 0)
    spend, why_no_spend = None, None
    try:
        spend = fit_spend(seen["frequency"].to_numpy(), seen["monetary_value"].to_numpy(), l2=scoring.l2)
    except NotIdentifiedError as error:
        why_no_spend = str(error)
    if spend is not None and spend.params["q"] <= 1.0:
        why_no_spend = f"q = {spend.params['q']:.4g} is not above 1, so mean spend has no expectation"
    return Models(
        purchases=purchases,
        purchases_reason=why_not,
        calibration=calibration,
        spend=spend,
        spend_reason=why_no_spend,
        n_left_out=repeat.height - seen.height,
        correlation=_correlation(seen),
    )


def with_models(summary: pl.DataFrame, models: Models, window: Window, scoring: Scoring) -> pl.DataFrame:
    """The summary with P(alive), expected purchases, expected value and CLV; null where a model is missing."""
    fit = models.purchases
    table = None
    if fit is not None:
        known = summary.filter(pl.col("frequency").is_not_null())
        x, T = (known[name].cast(pl.Float64).to_numpy() for name in ("frequency", "T"))
        table = prospects(x, T, fit, window, scoring)
    scored = with_clv(with_purchases(summary.lazy(), fit, table), models.usable_spend).collect(engine="streaming")
    if fit is None or scoring.intervals is None:
        return scored
    return with_intervals(scored, fit, models.usable_spend, window, scoring, scoring.intervals)


def _correlation(seen: pl.DataFrame) -> float | None:
    """Pearson's, in the frame's order; None where one of the two does not vary."""
    x, m = (seen[name].cast(pl.Float64).to_numpy() for name in ("frequency", "monetary_value"))
    if x.size < 2:
        return None
    dx, dm = x - x.mean(), m - m.mean()
    spread = float(np.sqrt((dx * dx).sum() * (dm * dm).sum()))
    return float((dx * dm).sum()) / spread if spread > 0.0 else None
