"""Retention curves: what was observed of contracts at each renewal, and what a model makes of it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from whalecurve.engine.forecasts import STEP, nudged
from whalecurve.engine.models import Fit
from whalecurve.engine.statistics import cumulative_incidence, finite, normal_quantile, wilson_interval
from whalecurve.engine.subscriptions.fitting import KERNELS, Renewals, renewals_of
from whalecurve.engine.subscriptions.reasons import ENDS
from whalecurve.kernels.arrays import Vector

Row = dict[str, Any]


def curve_rows(renewals: Renewals, fit: Fit | None, ahead: int, level: float) -> list[Row]:
    """A row a renewal, 0 for the start, of those that were seen and `ahead` more where there is a model.

    Observed survival is the product of observed retention, with an interval by Greenwood's variance on the scale of its
    complementary log-log (Kalbfleisch & Prentice 1980). The interval of the model is that of its parameters.
    """
    n_seen = renewals.n_told
    n = n_seen + (ahead if fit is not None else 0)
    seen = _observed(renewals, n_seen, level)
    modelled = _modelled(fit, n, level) if fit is not None else {}
    rows = []
    for t in range(n + 1):
        row: Row = {"age": t}
        for name, vector in seen.items():
            row[name] = (
                (finite(vector[t]) if name not in ("at_risk", "left") else int(vector[t])) if t <= n_seen else None
            )
        row |= {name: finite(vector[t]) for name, vector in modelled.items()}
        rows.append(row)
    return rows


def _observed(renewals: Renewals, n: int, level: float) -> dict[str, Vector]:
    at_risk, left, renewed = renewals.at_risk[:n], renewals.left[:n], renewals.renewed[:n]
    low, high = wilson_interval(renewed, at_risk, level)
    retention = renewed / at_risk
    survival = np.cumprod(retention)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(left / (at_risk * renewed))
        width = normal_quantile(0.5 + level / 2.0) * np.sqrt(greenwood) / np.abs(np.log(survival))
        ends = survival ** np.exp(width), survival ** np.exp(-width)
    begin = np.array([np.nan])
    return {
        "at_risk": np.concatenate([at_risk[:1], at_risk]) if n else np.zeros(1),
        "left": np.concatenate([[0.0], left]),
        "retention": np.concatenate([begin, retention]),
        "retention_low": np.concatenate([begin, low]),
        "retention_high": np.concatenate([begin, high]),
        "survival": np.concatenate([[1.0], survival]),
        "survival_low": np.concatenate([[1.0], ends[0]]),
        "survival_high": np.concatenate([[1.0], ends[1]]),
    }


def _modelled(fit: Fit, n: int, level: float) -> dict[str, Vector]:
    ages = np.arange(n + 1, dtype=np.float64)
    kernels = KERNELS[fit.model]
    survival = kernels.survival(ages, *fit.values)
    error = standard_error(fit, lambda one: _log_odds(KERNELS[one.model].log_survival(ages, *one.values)))
    half = normal_quantile(0.5 + level / 2.0) * error
    with np.errstate(over="ignore", invalid="ignore"):
        centre = _log_odds(kernels.log_survival(ages, *fit.values))
        ends = [1.0 / (1.0 + np.exp(-(centre + side * half))) for side in (-1.0, 1.0)]
    low, high = (np.where(ages == 0.0, 1.0, end) for end in ends)
    return {
        "retention_model": np.concatenate([[np.nan], kernels.retention(ages[1:], *fit.values)]),
        "survival_model": survival,
        "survival_model_low": low,
        "survival_model_high": high,
    }


def _log_odds(log_share: Vector) -> Vector:
    """Log odds of shares that are given as logarithms; infinite for all and none."""
    with np.errstate(divide="ignore"):
        odds: Vector = log_share - np.log(-np.expm1(log_share))
    return odds


def standard_error(fit: Fit, of: Callable[[Fit], Vector]) -> Vector:
    """Of numbers that follow from a fit, by the delta method on log parameters; NaN without standard errors."""
    at = of(fit)
    if fit.covariance is None:
        return np.full(at.shape, np.nan)
    with np.errstate(invalid="ignore"):
        moved = [(of(ahead) - of(behind)) / (2.0 * STEP) for ahead, behind in nudged(fit, STEP)]
    error: Vector = np.sqrt(np.sum(np.square(moved), axis=0))
    return error


def end_rows(table: pl.DataFrame, level: float) -> list[Row]:
    """A row a kind of end and renewal: the share of all who have come to it by then."""
    renewals = renewals_of(table)
    n = renewals.n_told
    if n == 0:
        return []
    ends = np.array(
        [renewals_of(table.with_columns(pl.col("has_left") & (pl.col("kind") == kind))).left[:n] for kind in ENDS]
    )
    found = cumulative_incidence(ends, renewals.at_risk[:n])
    z = normal_quantile(0.5 + level / 2.0)
    rows = []
    for place, kind in enumerate(ENDS):
        if not ends[place].any():
            continue
        for t in range(n):
            share, error = found.share[place, t], float(np.sqrt(found.variance[place, t]))
            low, high = _within(float(share), z * error)
            rows.append({"age": t + 1, "kind": kind, "share": float(share), "share_low": low, "share_high": high})
    return rows


def _within(share: float, half: float) -> tuple[float, float]:
    """An interval that stays between nothing and all, on the scale of the complementary log-log."""
    if not 0.0 < share < 1.0:
        return share, share
    scale = half / abs(share * np.log(share))
    return float(share ** np.exp(scale)), float(share ** np.exp(-scale))
