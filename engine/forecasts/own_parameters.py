"""Forecasts of customers one by one: where they have parameters of their own, or where gaps have stages."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import polars as pl

from whalecurve.engine.forecasts.clv import schedule, table_if_active
from whalecurve.engine.forecasts.next_purchase import days_told, waits_if_active
from whalecurve.engine.models import Fit, history_arrays, purchase_model
from whalecurve.engine.models.covariates import Design, distinct_rows, individual_params
from whalecurve.engine.models.grouped import GroupMembers
from whalecurve.engine.seasons import Clock
from whalecurve.engine.settings import Scoring, Window
from whalecurve.kernels.arrays import Vector
from whalecurve.kernels.prospects import LEAST_ALIVE, Prospect

Own = Design | GroupMembers
"""What gives each customer parameters of their own: the values of covariates, or a group."""

FARTHEST_STEP = 100.0  # by which a parameter that the data do not tell is moved, in logs


def with_own_purchases(
    customers: pl.DataFrame,
    fit: Fit,
    own: Own | None,
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
    own
        A row, or a group, for each customer with a purchase, in their order; None where all have the same parameters.
    clock
        Of the season in whose operational time the fit is; None without one.
    """
    has_purchase = customers["frequency"].is_not_null()
    x, t_x, T = history_arrays(customers.filter(has_purchase))
    t_x, T = (t_x, T) if clock is None else clock.history(t_x, T)
    model, each = purchase_model(fit.model), [] if own is None else [*params_of(fit, own).values()]
    shared = fit.values if own is None else ()
    alive = model.p_alive(x, t_x, T, *each, *shared)
    last = t_x if model.has_stages else T  # which without stages is not looked at
    (x, t_x, T, *of_each), at = distinct_rows([x, last, T, *each])
    params: list[float | Vector] = [*of_each, *shared]
    table = table_if_active(x, t_x, T, fit, params, schedule(scoring, window, clock))
    scores = {
        "p_alive": alive,
        "expected_purchases": alive * table[at, Prospect.PURCHASES],
        "p_purchase": alive * (1.0 - table[at, Prospect.QUIET]),
        "discounted_purchases": alive * table[at, Prospect.DISCOUNTED],
        "discounted_if_active": table[at, Prospect.DISCOUNTED],
    }
    told = pl.DataFrame(scores)
    if tells_waits:
        days = waits_if_active(x, t_x, T, fit, params, window.days_per_unit, clock)[at]
        told = told.hstack(days_told(np.where(alive >= LEAST_ALIVE, days.T, 0)))
    rows = pl.select(pl.when(has_purchase).then(has_purchase.cum_sum() - 1)).to_series()
    return customers.with_columns(column.gather(rows) for column in told)


def params_of(fit: Fit, own: Own) -> dict[str, Vector]:
    """The model's parameters of each customer, float64[n] in the order of the kernels."""
    return own.params if isinstance(own, GroupMembers) else individual_params(fit, own)


def moved(fit: Fit, own: Own | None, step: float) -> Iterator[tuple[tuple[Fit, Own | None], tuple[Fit, Own | None]]]:
    """`nudged`, with what gives customers parameters of their own; groups are moved all together, each by its errors.

    Customers of a group without errors have NaN.
    """
    if not isinstance(own, GroupMembers):
        for ahead, behind in nudged(fit, step):
            yield (ahead, own), (behind, own)
        return
    pairs = [list(nudged(one, step)) if one.covariance else _unknown(one) for one in own.fits]
    for directions in zip(*pairs, strict=True):
        sides = [replace(own, fits=tuple(pair[side] for pair in directions)) for side in (0, 1)]
        yield (fit, sides[0]), (fit, sides[1])


def _unknown(fit: Fit) -> list[tuple[Fit, Fit]]:
    nothing = _with_values(fit, np.full(len(fit.params), np.nan))
    return [(nothing, nothing)] * len(fit.params)


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
