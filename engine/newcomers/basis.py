"""What a result offers to work out newcomers from: its models, its clock, and the months ahead."""

from dataclasses import dataclass, replace

from whalecurve.engine.errors import InputError
from whalecurve.engine.forecasts import Schedule, rate_of, schedule
from whalecurve.engine.models import Fit
from whalecurve.engine.publication import Result, window_of
from whalecurve.engine.scoring import open_old_run
from whalecurve.engine.seasons import Clock
from whalecurve.engine.settings import ObservedWindow, Scoring


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """Models and settings of a result.

    spend : None where there is no spend model that can be used
    clock : of the season in whose operational time the models are; None without one
    steps : the months of the horizon, as the models count time; rate : the discount rate as they do
    """

    result: Result
    window: ObservedWindow
    scoring: Scoring
    purchases: Fit
    spend: Fit | None
    clock: Clock | None
    steps: Schedule
    rate: float

    @property
    def stages(self) -> int | None:
        """The stages of gaps, which groups share with all customers; None in a model without."""
        k = self.purchases.params.get("k")
        return None if k is None else int(k)


def basis_of(result: Result) -> Basis:
    """The models of a result.

    Raises
    ------
    InputError
        A result without a purchase model, or whose models rest on covariates.
    """
    old = open_old_run(result.path)
    if old.purchases is None:
        raise InputError(f"{result.path}: there is no purchase model ({old.purchases_reason}), so nothing to expect")
    window = window_of(result, old.window)
    scoring = replace(old.scoring, risk_days=1)  # no risk is told here
    clock = old.clock(result)
    return Basis(
        result=result,
        window=window,
        scoring=scoring,
        purchases=old.purchases,
        spend=old.spend if old.spend_reason is None else None,
        clock=clock,
        steps=schedule(scoring, window, clock),
        rate=rate_of(scoring.annual_discount, old.purchases, window),
    )
