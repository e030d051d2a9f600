"""Fits of sBG and BdW to counts at each renewal, and the choice between the two."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from whalecurve.engine.errors import NotIdentifiedError
from whalecurve.engine.models import Fit, Optimum, information_criteria, maximise
from whalecurve.engine.subscriptions.likelihoods import bdw_likelihood, sbg_likelihood
from whalecurve.engine.subscriptions.settings import Model
from whalecurve.kernels import bdw, sbg
from whalecurve.kernels.arrays import Vector

PARAMS = {"sbg": ("a", "b"), "bdw": ("a", "b", "c")}
LIKELIHOODS = {"sbg": sbg_likelihood, "bdw": bdw_likelihood}
KERNELS = {"sbg": sbg, "bdw": bdw}
SPREADS, SHAPES = (0.5, 2.0, 10.0), (1.0, 0.6, 1.5)
"""Sums of a and b, and values of c, that a fit begins at."""

HELD_OUT = 0.25
"""Share of the renewals of the longest contract that the choice of a model is held out for."""
LEAST_OUTCOMES = 30
"""Customers who left in the time held out, with fewer of whom BIC chooses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewals:
    """Customers at each renewal: who renewed and who left, float64[n], the first renewal first."""

    renewed: Vector
    left: Vector

    @property
    def at_risk(self) -> Vector:
        """Those who were there before each."""
        return self.renewed + self.left

    @property
    def n_told(self) -> int:
        """Renewals that somebody came to."""
        return int(np.count_nonzero(self.at_risk > 0.0))


def renewals_of(table: pl.DataFrame) -> Renewals:
    """Counts by renewal, from contracts with age, has_left and contracts."""
    ages = table["age"].to_numpy().astype(np.int64)
    counts = table["contracts"].to_numpy().astype(np.float64)
    has_left = table["has_left"].to_numpy()
    longest = int(ages.max()) if ages.size else 0
    ends: Vector = np.bincount(ages, counts, longest + 1).astype(np.float64)
    left: Vector = np.bincount(ages, np.where(has_left, counts, 0.0), longest + 1).astype(np.float64)
    at_risk = ends[::-1].cumsum()[::-1]
    return Renewals(renewed=at_risk[1:] - left[1:], left=left[1:])


def fit_renewals(model: str, renewals: Renewals, period: str) -> Fit:
    """Fit a model by maximum likelihood.

    Raises
    ------
    NotIdentifiedError
        Too few renewals, nobody who left, or nobody who renewed.
    """
    names = PARAMS[model]
    n_left, n_renewed = float(renewals.left.sum()), float(renewals.renewed.sum())
    if renewals.n_told < len(names):
        raise NotIdentifiedError(f"contracts have seen {renewals.n_told} renewals; the model needs {len(names)}")
    if n_left == 0.0 or n_renewed == 0.0:
        raise NotIdentifiedError("nobody has left" if n_left == 0.0 else "nobody has renewed")
    first = min(max(renewals.left[0] / renewals.at_risk[0], 0.01), 0.99)
    starts = [(first * size, (1.0 - first) * size) for size in SPREADS]
    if model == "bdw":
        starts = [(*start, shape) for start in starts for shape in SHAPES]  # type: ignore[misc]
    n = float(renewals.at_risk[0])
    top = maximise(LIKELIHOODS[model](renewals.renewed, renewals.left), starts, n)
    return _described(model, top, n, period)


def _described(model: str, top: Optimum, n: float, period: str) -> Fit:
    names = PARAMS[model]
    covariance = None if top.covariance is None else np.outer(top.params, top.params) * top.covariance
    errors = None if covariance is None else np.sqrt(np.diag(covariance))
    return Fit(
        model=model,
        params=dict(zip(names, top.params.tolist(), strict=True)),
        standard_errors=None if errors is None else dict(zip(names, errors.tolist(), strict=True)),
        covariance=None if covariance is None else covariance.tolist(),
        log_likelihood=top.log_likelihood,
        **information_criteria(top.log_likelihood, len(names), n),
        n=int(n),
        converged=top.converged,
        gradient_norm=top.gradient_norm,
        iterations=top.iterations,
        unit=period,
        warnings=top.convergence_warnings,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A fit, and why it is this one.

    by : "asked", "holdout", "bic", or "only", where the other cannot be fitted
    held_out : mean log-likelihood of a customer in the time held out, by model; empty where nothing was
    """

    fit: Fit
    by: str
    held_out: dict[str, float]


def choose(table: pl.DataFrame, model: Model, period: str) -> Chosen:
    """Fit the model that is asked for, or the one that predicts the last renewals better.

    Contracts are taken as they stood some renewals before the end, and what became of those that ran is predicted.

    Raises
    ------
    NotIdentifiedError
        Neither can be fitted.
    """
    renewals = renewals_of(table)
    if model != "auto":
        return Chosen(fit=fit_renewals(model, renewals, period), by="asked", held_out={})
    plain = fit_renewals("sbg", renewals, period)
    try:
        other = fit_renewals("bdw", renewals, period)
    except NotIdentifiedError:
        return Chosen(fit=plain, by="only", held_out={})
    held_out = _held_out(table, renewals, period)
    if held_out:
        best = other if held_out["bdw"] > held_out["sbg"] else plain
        return Chosen(fit=best, by="holdout", held_out=held_out)
    return Chosen(fit=other if other.bic < plain.bic else plain, by="bic", held_out={})


def _held_out(table: pl.DataFrame, renewals: Renewals, period: str) -> dict[str, float]:
    """Mean log-likelihood of what became of the contracts that ran before the last renewals; empty for too few."""
    ahead = max(1, round(HELD_OUT * renewals.n_told))
    then = table.with_columns(reach_then=pl.col("reach") - ahead).filter(pl.col("reach_then") >= 0)
    ran = pl.col("age") > pl.col("reach_then")
    past = then.with_columns(
        age=pl.when(ran).then(pl.col("reach_then")).otherwise(pl.col("age")), has_left=pl.col("has_left") & ~ran
    )
    future = then.filter(ran)
    if int(future.filter("has_left")["contracts"].sum()) < LEAST_OUTCOMES:
        return {}
    start, age = (future[name].to_numpy().astype(np.float64) for name in ("reach_then", "age"))
    counts, has_left = future["contracts"].to_numpy().astype(np.float64), future["has_left"].to_numpy()
    told = {}
    for model, kernels in KERNELS.items():
        try:
            values = fit_renewals(model, renewals_of(past), period).values
        except NotIdentifiedError:
            return {}
        before = np.where(has_left, age - 1.0, age)
        logs = kernels.log_survival(before, *values) - kernels.log_survival(start, *values)
        with np.errstate(divide="ignore"):
            leaves = np.log1p(-kernels.retention(np.maximum(age, 1.0), *values))
        told[model] = float((counts * (logs + np.where(has_left, leaves, 0.0))).sum() / counts.sum())
    return told
