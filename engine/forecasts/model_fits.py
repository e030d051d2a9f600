"""Stage: summary -> the models fitted to it, or the reason why there is none."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.errors import Message, NotIdentifiedError, listed, setting
from whalecurve.engine.forecasts.levels_of_spend import SpendLevel, spend_level
from whalecurve.engine.forecasts.own_parameters import Own
from whalecurve.engine.models import (
    Calibration,
    Fit,
    FitData,
    Histories,
    calibrate,
    fit_counts,
    history_arrays,
    purchase_model,
    spend_model,
)
from whalecurve.engine.models.covariates import (
    Covariates,
    Design,
    calibration_by,
    design_of,
    fit_covariates,
    own_calibration,
)
from whalecurve.engine.models.grouped import LEAST_CUSTOMERS, LEAST_REPEAT, GroupFits, Membership, fit_groups
from whalecurve.engine.seasons import Clock, Season
from whalecurve.engine.settings import ObservedWindow, Scoring
from whalecurve.kernels.arrays import Int64, Vector

FEW_REPEAT = 30  # with fewer repeat customers the models rest on next to nothing
CORRELATED = 0.3  # from here on the spend model's assumption is worth a warning


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """The fitted models; where one is None, its reason says why.

    n_left_out : repeat customers whom the spend model does not see: Gamma-Gamma, those without a positive mean value
    correlation : of frequency and monetary value among those it sees; models but that by frequency take it for zero
    spend_name : the spend model asked for, as `Fit.model` has it
    n_repeat : customers who came back, whom both models learn from; None where that is not known
    spend_level : what the spend model expects beside what was; None without one that can be used
    plain, design : with covariates, the purchase model without them, and their matrix for customers with a purchase
    groups, codes : with parameters by group, the fits and the group of each customer with a purchase; `purchases` is
        then the model of all of them, which the groups are pooled with
    season : in whose operational time the purchase models are fitted; None: in that of the calendar
    """

    purchases: Fit | None
    purchases_reason: str | None
    calibration: Calibration | None
    spend: Fit | None
    spend_reason: str | None
    n_left_out: int
    correlation: float | None
    spend_name: str
    n_repeat: int | None = None
    spend_level: SpendLevel | None = None
    plain: Fit | None = None
    design: Design | None = None
    groups: GroupFits | None = None
    codes: Int64 | None = None
    season: Season | None = None

    @property
    def own(self) -> Own | None:
        """What gives each customer parameters of their own; None where all share them."""
        if self.groups is None or self.groups.prior is None or self.codes is None:
            return self.design
        return self.groups.members(self.codes)

    @classmethod
    def of_purchases(cls, fit: Fit) -> "Models":
        """A purchase model alone: what it says of purchases, and nothing of money."""
        return cls(
            purchases=fit,
            purchases_reason=None,
            calibration=None,
            spend=None,
            spend_reason=None,
            n_left_out=0,
            correlation=None,
            spend_name="",
        )

    def withheld(self, why: str) -> "Models":
        """No models, and the reason, in the place of models that nothing is to be said by."""
        return replace(
            self,
            purchases=None,
            purchases_reason=why,
            calibration=None,
            spend=None,
            spend_reason="it is withheld with the purchase model",
            correlation=None,
            spend_level=None,
            plain=None,
            design=None,
            groups=None,
            codes=None,
        )

    @property
    def usable_spend(self) -> Fit | None:
        """The spend model, unless its distribution of spend has no mean."""
        fit = self.spend
        return fit if fit is not None and spend_model(fit.model).why_no_mean(fit) is None else None

    @property
    def spend_record(self) -> dict[str, Any]:
        """The spend model as `model.json` has it, or why there is none."""
        return {
            **(self.spend.to_dict() if self.spend else {"model": self.spend_name, "params": None}),
            "reason": self.spend_reason,
            "n_left_out": self.n_left_out,
            "correlation_frequency_monetary_value": self.correlation,
            "level": self.spend_level.to_dict() if self.spend_level else None,
        }

    @property
    def warnings(self) -> list[str]:
        """All that a reader of CLV should know, in whole sentences."""
        said = [f"no purchase model: {self.purchases_reason}"] if self.purchases_reason else []
        why = self.spend_reason
        if why:
            said.append(Message(f"no spend model: {why.marked if isinstance(why, Message) else why}"))
        if self.purchases is not None and self.n_repeat is not None and self.n_repeat < FEW_REPEAT:
            came = "1 customer" if self.n_repeat == 1 else f"{self.n_repeat} customers"
            said.append(f"only {came} came back: too few to learn from, so read churn risk and CLV with caution")
        said += [f"{fit.model}: {words}" for fit in (self.purchases, self.spend) if fit for words in fit.warnings]
        if self.groups is not None:
            said += self._group_notes(self.groups)
        follows = self.spend is not None and spend_model(self.spend.model).follows_frequency
        if not follows and self.correlation is not None and abs(self.correlation) >= CORRELATED:
            said.append(
                f"frequency and monetary value correlate ({self.correlation:.2f}); the spend model takes them for "
                f"independent, so read CLV with care"
            )
        return said + self._level_notes()

    @staticmethod
    def _group_notes(groups: GroupFits) -> list[str]:
        by, small = setting("fit_by", groups.by), groups.small
        if groups.reason is not None:
            return [Message(f"{by}: {groups.reason}, so all have one model")]
        if not small:
            return []
        few = f"fewer than {LEAST_CUSTOMERS} customers, or {LEAST_REPEAT} of them who came back"
        return [
            Message(f"{by}: too small for a fit of their own ({few}), so with the mean of the groups: {listed(small)}")
        ]

    def _level_notes(self) -> list[str]:
        if self.spend_level is None:
            return []
        other = setting("spend", "auto")
        left_out = (
            f"; {self.n_left_out:,} of {self.spend_level.n_repeat:,} repeat customers, whose repeat purchases brought "
            f"nothing or less, are not in the fit; {other} takes a model of all"
            if self.n_left_out
            else ""
        )
        return self.spend_level.notes(self.spend_name, left_out)


def fit_models(
    fit_data: FitData,
    window: ObservedWindow,
    scoring: Scoring,
    model: str | None = None,
    covariates: Covariates | None = None,
    customers: pl.DataFrame | None = None,
    spend_name: str | None = None,
    season: Season | None = None,
    membership: Membership | None = None,
) -> Models:
    """Fit both models to what is known of all customers; covariates ask for the summary of the `customers` too.

    So do groups: `membership` is that of the customers with a purchase.
    `model` and `spend_name` are those chosen where the settings have "auto". With a season the purchase model is fitted
    in its operational time at the end of the window.
    """
    fitted, why_not = _FittedPurchases(), None
    try:
        fitted = _fit_purchases(
            fit_data, window, scoring, model or scoring.model, covariates, customers, season, membership
        )
    except NotIdentifiedError as error:
        why_not = str(error)
    spend, of_spend = None, spend_model(spend_name or scoring.spend)
    x, m = fit_data.spend(sees_losses=of_spend.sees_losses)
    try:
        spend = of_spend.fit_to(fit_data, scoring.l2)
        why_no_spend = of_spend.why_no_mean(spend)
    except NotIdentifiedError as error:
        why_no_spend = error.message
    return Models(
        purchases=fitted.purchases,
        purchases_reason=why_not,
        calibration=fitted.calibration,
        spend=spend,
        spend_reason=why_no_spend,
        n_left_out=fit_data.x.size - x.size,
        correlation=spend_correlation(x, m),
        spend_name=of_spend.recorded,
        n_repeat=fit_data.x.size,
        spend_level=spend_level(fit_data, spend) if spend and why_no_spend is None else None,
        plain=fitted.plain,
        design=fitted.design,
        groups=fitted.groups,
        codes=None if fitted.groups is None or membership is None else membership.codes,
        season=season,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _FittedPurchases:
    """The purchase model of `Models`, with what goes with it; None where it could not be fitted."""

    purchases: Fit | None = None
    calibration: Calibration | None = None
    plain: Fit | None = None
    design: Design | None = None
    groups: GroupFits | None = None


def _fit_purchases(
    fit_data: FitData,
    window: ObservedWindow,
    scoring: Scoring,
    model: str,
    covariates: Covariates | None,
    customers: pl.DataFrame | None,
    season: Season | None,
    membership: Membership | None,
) -> _FittedPurchases:
    clock, histories, unit = None, fit_data.histories, window.model_unit
    if season is not None:
        clock = season_clock(season, window, histories)
        histories, unit = clock.histories(histories), f"operational {unit}"
    l2 = scoring.l2 if covariates is None else 0.0  # with covariates the penalty is on their coefficients
    plain = fit_counts(purchase_model(model), histories, unit=unit, l2=l2)
    if membership is not None and customers is not None:
        return _fit_by_group(customers, plain, membership, clock, l2)
    if covariates is None or customers is None:
        return _FittedPurchases(purchases=plain, calibration=calibrate(histories, plain))
    fit, calibration, design = _fit_with_covariates(customers, plain, covariates, scoring, clock)
    return _FittedPurchases(purchases=fit, calibration=calibration, plain=plain, design=design)


def _fit_with_covariates(
    summary: pl.DataFrame, plain: Fit, covariates: Covariates, scoring: Scoring, clock: Clock | None
) -> tuple[Fit, Calibration, Design]:
    buyers = summary.filter(pl.col("frequency").is_not_null())
    design = design_of(covariates, buyers["customer_id"])
    x, t_x, T = history_arrays(buyers)
    t_x, T = (t_x, T) if clock is None else clock.history(t_x, T)
    effect, l2 = scoring.dropout_effect, scoring.l2
    fit = fit_covariates(plain.model, x, t_x, T, design, design, l2=l2, dropout=effect, unit=plain.unit, plain=plain)
    return fit, own_calibration(x, T, fit, design), design


def _fit_by_group(
    summary: pl.DataFrame, plain: Fit, membership: Membership, clock: Clock | None, l2: float
) -> _FittedPurchases:
    x, t_x, T = history_arrays(summary.filter(pl.col("frequency").is_not_null()))
    t_x, T = (t_x, T) if clock is None else clock.history(t_x, T)
    groups = fit_groups(purchase_model(plain.model), x, t_x, T, membership, plain, l2=l2)
    calibration = calibration_by(x, T, plain.model, groups.members(membership.codes).params)
    return _FittedPurchases(purchases=plain, calibration=calibration, groups=groups)


def season_clock(season: Season, window: ObservedWindow, histories: Histories) -> Clock:
    """The clock of a season at the end of a window, for the customers whose calendar histories these are."""
    longest = float(histories.T.max()) if histories.T.size else 0.0
    return Clock.of(season, window, longest)


def spend_correlation(frequency: NDArray[np.uint32], m: Vector) -> float | None:
    """Pearson's, of frequency and monetary value; None where one of the two does not vary."""
    x = frequency.astype(np.float64)
    if x.size < 2:
        return None
    dx, dm = x - x.mean(), m - m.mean()
    spread = float(np.sqrt((dx * dx).sum() * (dm * dm).sum()))
    return float((dx * dm).sum()) / spread if spread > 0.0 else None
