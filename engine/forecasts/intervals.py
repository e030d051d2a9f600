"""How sure the models are of a customer's expected purchases and CLV: confidence intervals by the delta method.

They say how far the *expectation* may be off because the parameters are estimates. What a single customer will
do scatters around the expectation far more than that.
"""

import numpy as np
import polars as pl

from whalecurve.engine.forecasts.forecast import with_forecast
from whalecurve.engine.forecasts.own_parameters import Own, moved, nudged
from whalecurve.engine.models import HISTORY, Fit, spend_model
from whalecurve.engine.runtime import kernel_expr
from whalecurve.engine.seasons import Clock
from whalecurve.engine.settings import Scoring, Window
from whalecurve.engine.statistics import normal_quantile
from whalecurve.kernels.arrays import Vector

WITHOUT = "has no standard errors: at the fitted parameters the likelihood does not bend in all directions"

STEP = 0.05
"""Half width of the central differences, in standard errors: their own error is of the order of its square."""


def with_intervals(
    customers: pl.DataFrame,
    purchases: Fit,
    spend: Fit | None,
    own: Own | None,
    window: Window,
    scoring: Scoring,
    level: float,
    clock: Clock | None = None,
) -> pl.DataFrame:
    """Add `expected_purchases_low`, `..._high`, `clv_low`, `clv_high`: intervals of the given confidence level.

    The delta method on log parameters (the shrunken mean's as they are): variance = sum of squared derivatives along
    the columns of a square root of their covariance. The purchase and the spend model are fitted apart, so their
    variances add; a season, of which the clock is, is taken as known. The bounds are symmetric on the log scale of the
    estimate, so expected purchases stay positive.

    Costs one forecast of purchases and two for each parameter of the purchase model, nine in all without covariates,
    with groups as well: these are moved together, each by its own errors.
    Null where a model has no covariance, see `why_no_intervals`.
    """
    z = normal_quantile(0.5 + level / 2.0)
    expected, discounted = _forecast(customers, purchases, own, window, scoring, clock)
    expected_error, discounted_error = np.full_like(expected, np.nan), np.full_like(expected, np.nan)
    if purchases.covariance is not None:
        pairs = [
            [_forecast(customers, *one, window, scoring, clock) for one in pair] for pair in moved(purchases, own, STEP)
        ]
        expected_error = _error([(ahead[0], behind[0]) for ahead, behind in pairs])
        discounted_error = _error([(ahead[1], behind[1]) for ahead, behind in pairs])
    columns = _bounds("expected_purchases", expected, expected_error, z)
    clv, clv_error = np.full_like(expected, np.nan), np.full_like(expected, np.nan)
    if spend is not None and spend.covariance is not None and "clv" in customers.columns:
        value = _values(customers, spend)
        pairs_of_spend = nudged(spend, STEP, spend_model(spend.model).own_scale)
        errors = [(_values(customers, ahead), _values(customers, behind)) for ahead, behind in pairs_of_spend]
        value_error = _error(errors)
        clv = discounted * value
        clv_error = np.hypot(value * discounted_error, discounted * value_error)
    columns += _bounds("clv", clv, clv_error, z)
    return customers.with_columns(columns)


def why_no_intervals(purchases: Fit, spend: Fit | None, customers: pl.DataFrame, bounds: pl.DataFrame) -> list[str]:
    """Why there are no intervals, or not for all customers with a forecast, in whole sentences; none where there are.

    Parameters
    ----------
    customers, bounds
        expected_purchases and clv, and what `with_intervals` adds to them, in the same order.
    """
    if purchases.covariance is None:
        return [f"intervals of expected purchases and CLV are null: {purchases.model} {WITHOUT}"]
    said = []
    if spend is None:
        said.append("intervals of CLV are null: there is no spend model")
    elif spend.covariance is None:
        said.append(f"intervals of CLV are null: {spend.model} {WITHOUT}")
    for name, fit in (("expected_purchases", purchases), ("clv", spend)):
        if name in customers.columns and fit is not None and fit.covariance is not None:
            without = customers[name].is_not_null() & bounds[f"{name}_low"].is_null()
            if n := int(without.sum()):
                said.append(f"intervals of {name} are null for {n:,} customers: their errors have no bound")
    return said


def _forecast(
    customers: pl.DataFrame, fit: Fit, own: Own | None, window: Window, scoring: Scoring, clock: Clock | None
) -> tuple[Vector, Vector]:
    """Expected and discounted purchases of each customer; NaN for one without a purchase."""
    forecast = with_forecast(customers.select(HISTORY), fit, own, window, scoring, clock).collect(engine="streaming")
    return forecast["expected_purchases"].to_numpy(), forecast["discounted_purchases"].to_numpy()


def _values(customers: pl.DataFrame, spend: Fit) -> Vector:
    expected = kernel_expr(spend_model(spend.model).expected_value, "frequency", "monetary_value", params=spend.values)
    return customers.select(expected).to_series().to_numpy()


def _error(pairs: list[tuple[Vector, Vector]]) -> Vector:
    """Standard error from values ahead and behind along independent directions of one standard error each."""
    return np.sqrt(sum(((ahead - behind) / (2.0 * STEP)) ** 2 for ahead, behind in pairs))


def _bounds(name: str, estimate: Vector, error: Vector, z: float) -> list[pl.Series]:
    """Bounds at z standard errors on the log scale of the estimate; null where either is unknown or without bound."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        spread = np.where(estimate == 0.0, 1.0, np.exp(z * error / np.abs(estimate)))
        spread = np.where(np.isfinite(spread), spread, np.nan)
    near, far = estimate / spread, estimate * spread
    low, high = np.minimum(near, far), np.maximum(near, far)
    return [pl.Series(f"{name}_{side}", bound).fill_nan(None) for side, bound in (("low", low), ("high", high))]
