"""What a result offers to suppose changes on: its models, its settings, and who its customers are."""

from dataclasses import dataclass, replace

import polars as pl

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.forecasts import Schedule, schedule
from whalecurve.engine.models import Fit, purchase_model
from whalecurve.engine.publication import Result
from whalecurve.engine.scenarios.settings import Levers
from whalecurve.engine.scoring import open_old_run
from whalecurve.engine.seasons import Clock
from whalecurve.engine.segments import LABELS, segments_asked
from whalecurve.engine.settings import DAYS_PER_UNIT, Scoring, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """Models and settings of a result.

    clock : operational time, where the models follow a season; None for that of the calendar
    margin_rate : margin per revenue of all customers; None where value is revenue
    schemes : names of the segments that customers are in, by scheme
    """

    result: Result
    purchases: Fit
    spend: Fit
    scoring: Scoring
    window: Window
    clock: Clock | None
    margin_rate: float | None
    schemes: dict[str, list[str]]

    def steps(self, levers: Levers | None = None) -> Schedule:
        """The months that CLV is summed over, by the settings of the result or with those of the levers."""
        scoring = self.scoring
        if levers is not None and levers.horizon_days is not None:
            scoring = replace(scoring, horizon_days=levers.horizon_days)
        if levers is not None and levers.annual_discount is not None:
            scoring = replace(scoring, annual_discount=levers.annual_discount)
        return schedule(scoring, self.window, self.clock)

    @property
    def year(self) -> float:
        """The next year in units of the models; where time is counted in periods, whole ones."""
        units = DAYS_PER_UNIT["year"] / self.window.days_per_unit
        if self.clock is not None:
            return float(self.clock.until(units))
        return units if self.window.period is None else float(max(1, round(units)))


def basis_of(result: Result) -> Basis:
    """The models of a result.

    Raises
    ------
    InputError
        A result without CLV, or whose models rest on covariates or on stages of gaps.
    """
    if result.definitions.get("covariates") is not None:
        raise InputError(
            f"{result.path}: its models rest on covariates, and what these are of each customer is not in it; score "
            f"without {setting('covariates')} to suppose changes"
        )
    old = open_old_run(result.path)
    spend = old.spend if old.spend_reason is None else None
    if old.purchases is None or spend is None:
        reason = old.purchases_reason if old.purchases is None else old.spend_reason
        raise InputError(f"{result.path}: customers have no CLV ({reason}), so there is nothing to suppose changes on")
    if purchase_model(old.purchases.model).has_stages:
        raise InputError(
            f"{result.path}: changes cannot be supposed on {old.purchases.model}, in which what customers do depends "
            f"on how long ago they bought; score by a model without stages, as mbgnbd"
        )
    return Basis(
        result=result,
        purchases=old.purchases,
        spend=spend,
        scoring=replace(old.scoring, risk_days=1),  # no risk is told here; the months of CLV do not depend on it
        window=old.window,
        clock=old.clock(result),
        margin_rate=_margin_rate(result, old.scoring.value),
        schemes={
            scheme: result.segments.filter(scheme=scheme).drop_nulls("segment")["segment"].to_list()
            for scheme, column in LABELS.items()
            if column in result.columns
        },
    )


def _margin_rate(result: Result, value: str | None) -> float | None:
    if value != "margin":
        return None
    of_all = result.segments.filter(scheme="rfm")
    revenue = float(of_all["revenue"].sum())
    return float(of_all["margin"].sum()) / revenue if revenue > 0.0 else None


def value_factor(basis: Basis, levers: Levers) -> float:
    """What the value of a purchase is multiplied by.

    Points of margin per revenue act through the margin rate of all customers.

    Raises
    ------
    InputError
        Points of margin where value is revenue, or where there is no margin that could grow.
    """
    factor = 1.0 + levers.basket
    if not levers.margin_rate:
        return factor
    rate = basis.margin_rate
    if rate is None:
        raise InputError(
            f"{setting('margin_rate', levers.margin_rate)}: value is revenue in {basis.result.path}, which knows no "
            f"margin; score with {setting('margin')} or {setting('cost')}"
        )
    if rate <= 0.0 or rate + levers.margin_rate < 0.0:
        raise InputError(
            f"{setting('margin_rate', levers.margin_rate)}: margin is {rate:.1%} of revenue in {basis.result.path}, "
            f"and no multiple of it is {rate + levers.margin_rate:.1%}; suppose another margin"
        )
    return factor * (rate + levers.margin_rate) / rate


def movers(basis: Basis, levers: Levers) -> tuple[pl.Expr, tuple[str, ...] | None]:
    """Who changes, as a condition on customers, and their segments by the names of the result; None for all.

    Raises
    ------
    InputError
        A segment that the result does not have.
    """
    if levers.segments is None:
        return pl.lit(value=True), None
    names = segments_asked(basis.result, levers.scheme, levers.segments)
    return pl.col(LABELS[levers.scheme]).is_in(names).fill_null(value=False), tuple(names)
