"""Forecasts of customers who have parameters of their own."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import polars as pl

from whalecurve.engine.forecasts.clv import schedule, table_if_active
from whalecurve.engine.forecasts.next_purchase import days_told, waits_if_active
from whalecurve.engine.models import Fit, history_arrays, purchase_model
from whalecurve.engine.models.covariates import Design, distinct_rows, individual_params
from whalecurve.engine.seasons import Clock
from whalecurve.engine.settings import Scoring, Window
from whalecurve.kernels.arrays import Vector
from whalecurve.kernels.prospects import LEAST_ALIVE, Prospect

FARTHEST_STEP = 100.0  # by which a parameter that the data do not tell is moved, in logs


def with_own_purchases(
    customers: pl.DataFrame,
    fit: Fit,
    design: Design,
    window: Window,
    scoring: Scoring,
    *,
    tells_waits: bool = False,
    clock: Clock | None = None,
) -> pl.DataFrame:
    """Add `p_alive`, `expected_purchases`, `p_purchase` and `AHEAD`, as `clv.with_purchases` does; `WAITS` if asked.

    Parameters
    ----------
    customers
        The summary; null for those without a purchase.
    design
        One row for each customer with a purchase, in their order.
    clock
        Of the season in whose operational time the fit is; None without one.
    """
    has_purchase = customers["frequency"].is_not_null()
    x, t_x, T = history_arrays(customers.filter(has_purchase))
    t_x, T = (t_x, T) if clock is None else clock.history(t_x, T)
    own = individual_params(fit, design)
    alive = purchase_model(fit.model).p_alive(x, t_x, T, *own.values())
    (x, T, *params), at = distinct_rows([x, T, *own.values()])
    table = table_if_active(x, T, fit, params, schedule(scoring, window, clock))
    scores = {
        "p_alive": alive,
        "expected_purchases": alive * table[at, Prospect.PURCHASES],
        "p_purchase": alive * (1.0 - table[at, Prospect.QUIET]),
        "discounted_purchases": alive * table[at, Prospect.DISCOUNTED],
        "discounted_if_active": table[at, Prospect.DISCOUNTED],
    }
    told = pl.DataFrame(scores)
    if tells_waits:
        days = waits_if_active(x, T, fit, params, window.days_per_unit, clock)[at]
        told = told.hstack(days_told(np.where(alive >= LEAST_ALIVE, days.T, 0)))
    rows = pl.select(pl.when(has_purchase).then(has_purchase.cum_sum() - 1)).to_series()
    return customers.with_columns(column.gather(rows) for column in told)


def nudged(
    fit: Fit, step: float, own_scale: Mapping[str, tuple[float, float]] = MappingProxyType({})
) -> Iterator[tuple[Fit, Fit]]:
    """The fit `step` standard errors ahead and behind along independent directions: a square root of its covariance.

    On the scale where the fit is nearly normal: logs of parameters; coefficients as they are, and parameters that
    have a scale of their own, within their bounds.
    """
    values = np.array(fit.values)
    is_coefficient = np.array([":" in name or name in own_scale for name in fit.params])
    low, high = np.array([own_scale.get(name, (-np.inf, np.inf)) for name in fit.params]).T
    scale = np.where(is_coefficient, 1.0, values)
    for column in _square_root(np.array(fit.covariance) / np.outer(scale, scale)).T:
        added = np.where(is_coefficient, step * column, 0.0)
        log_factor = np.where(is_coefficient, 0.0, np.clip(step * column, -FARTHEST_STEP, FARTHEST_STEP))
        ahead, behind = ((values + sign * added) * np.exp(sign * log_factor) for sign in (1.0, -1.0))
        yield _with_values(fit, np.clip(ahead, low, high)), _with_values(fit, np.clip(behind, low, high))


def _square_root(covariance: Vector) -> Vector:
    """By Cholesky; of a covariance in which a parameter is taken as given, by eigenvectors."""
    try:
        root: Vector = np.linalg.cholesky(covariance).astype(np.float64, copy=False)
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
    return root


def _with_values(fit: Fit, values: Vector) -> Fit:
    return replace(fit, params=dict(zip(fit.params, values.tolist(), strict=True)))
