"""Stage: a fit with covariates -> what it says of its coefficients, and of each customer by own parameters."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import chdtrc, ndtr

from whalecurve.engine.errors import InputError
from whalecurve.engine.forecasts.clv import schedule
from whalecurve.engine.models.calibration import MOST_SHOWN, Calibration
from whalecurve.engine.models.covariates.design import Design
from whalecurve.engine.models.covariates.groups import EFFECTS
from whalecurve.engine.models.fit import Fit
from whalecurve.engine.models.purchase_models import purchase_model
from whalecurve.engine.settings import Scoring, Window

Vector = NDArray[np.float64]

LARGEST_EXPONENT = 700.0  # of exp, before it is no number
FARTHEST_STEP = 100.0  # by which a parameter that the data do not tell is moved, in logs
MOST_CELLS = 50_000  # distinct (T, parameters) that calibration sums over: good to a tenth of a percent of customers


@dataclass(frozen=True, slots=True, kw_only=True)
class LikelihoodRatio:
    """The test of no effect at all: twice the gain in log-likelihood, chi-square with a degree a coefficient."""

    statistic: float
    degrees: int
    p_value: float


def likelihood_ratio(fit: Fit, plain: Fit) -> LikelihoodRatio:
    """Test a fit with covariates against the fit of the same customers without; both without penalty.

    Raises
    ------
    InputError
        Fits that are not nested: other models, other numbers of customers, no coefficient.
    """
    degrees = len(fit.params) - len(plain.params)
    if (fit.model, fit.n) != (plain.model, plain.n) or degrees < 1 or any(":" in name for name in plain.params):
        raise InputError(
            f"likelihood ratio: {fit.model} of {fit.n:,} customers and {plain.model} of {plain.n:,} are not the same "
            f"model with and without covariates; fit both to the same customers"
        )
    statistic = max(2.0 * (fit.log_likelihood - plain.log_likelihood), 0.0)
    return LikelihoodRatio(statistic=statistic, degrees=degrees, p_value=float(chdtrc(degrees, statistic)))


def coefficients(fit: Fit) -> list[dict[str, Any]]:
    """One row a coefficient: its kind and covariate, value, standard error, factor exp(value), and Wald test."""
    rows = []
    for name, value in fit.params.items():
        kind, is_coefficient, covariate = name.partition(":")
        if is_coefficient:
            error = fit.standard_errors[name] if fit.standard_errors else None
            z = value / error if error else None
            rows.append(
                {
                    "acts_on": kind,
                    "covariate": covariate,
                    "coefficient": value,
                    "standard_error": error,
                    "factor": float(np.exp(value)) if value < LARGEST_EXPONENT else None,
                    "z": z,
                    "p_value": None if z is None else 2.0 * float(ndtr(-abs(z))),
                }
            )
    return rows


def covariate_record(fit: Fit, plain: Fit, design: Design, *, l2: float = 0.0) -> dict[str, Any]:
    """What `model.json` says of covariates; with a penalty there is no test."""
    return {
        "coefficients": coefficients(fit),
        "likelihood_ratio": asdict(likelihood_ratio(fit, plain)) if l2 == 0.0 else None,
        "without_covariates": plain.to_dict(),
        "base_levels": dict(design.bases),
        "customers_without_orders": design.n_unused,
    }


def individual_params(fit: Fit, design: Design) -> dict[str, Vector]:
    """The model's parameters of each customer, float64[n] in the order of the kernels.

    Parameters
    ----------
    design
        n rows; it may have more columns than the fit has covariates, in any order.

    Raises
    ------
    InputError
        A covariate of the fit that the design lacks.
    """
    effects = EFFECTS.get(fit.model, {})
    n = design.values.shape[0]
    logs = {name: np.full(n, np.log(value)) for name, value in fit.params.items() if ":" not in name}
    for name, value in fit.params.items():
        kind, is_coefficient, covariate = name.partition(":")
        if not is_coefficient:
            continue
        if covariate not in design.names:
            raise InputError(f'covariates: the fit knows "{covariate}", which the design lacks; give it that column')
        effect = value * design.values[:, design.names.index(covariate)]
        for param, loading in effects[kind].items():
            logs[param] += loading * effect
    return {name: np.exp(log) for name, log in logs.items()}


def with_own_purchases(
    customers: pl.DataFrame, fit: Fit, design: Design, window: Window, scoring: Scoring
) -> pl.DataFrame:
    """Add `p_alive`, `expected_purchases`, `p_purchase`, `discounted_purchases`, as `clv.with_purchases` does.

    Parameters
    ----------
    customers
        The summary; null for those without a purchase.
    design
        One row for each customer with a purchase, in their order.
    """
    model, steps = purchase_model(fit.model), schedule(scoring, window)
    known = customers["frequency"].is_not_null()
    seen = customers.filter(known)
    x, t_x, T = (seen[name].cast(pl.Float64).to_numpy() for name in ("frequency", "recency", "T"))
    own = individual_params(fit, design)
    alive = model.p_alive(x, t_x, T, *own.values())
    (x, T, *params), at = _distinct([x, T, *own.values()])
    model.expected_if_alive(1.0, 1.0, 1.0, *fit.values[: len(own)])  # compiled here, once, before threads ask for it
    with ThreadPoolExecutor(max_workers=pl.thread_pool_size()) as pool:  # ufuncs let go of the interpreter
        upto = list(pool.map(lambda end: model.expected_if_alive(end, x, T, *params), steps.ends))
    discounted, before = np.zeros_like(x), np.zeros_like(x)
    for purchases, discount in zip(upto, steps.discounts, strict=True):
        discounted += (purchases - before) * discount
        before = purchases
    quiet = model.no_purchase_if_alive(steps.risk, x, T, *params)
    scores = {
        "p_alive": alive,
        "expected_purchases": alive * before[at],
        "p_purchase": alive * (1.0 - quiet[at]),
        "discounted_purchases": alive * discounted[at],
    }
    rows = pl.select(pl.when(known).then(known.cum_sum() - 1)).to_series()
    return customers.with_columns(pl.Series(name, values).gather(rows) for name, values in scores.items())


def own_calibration(x: Vector, T: Vector, fit: Fit, design: Design) -> Calibration:
    """Compare a fit with its own data, as `calibrate` does: each customer expected by own parameters over own age.

    Where these are very many, what is expected is that of every k-th of them in order, scaled up.
    """
    model = purchase_model(fit.model)
    cells, at = _distinct([T, *individual_params(fit, design).values()])
    stride = -(-cells[0].size // MOST_CELLS)
    n = np.bincount(at, minlength=cells[0].size)[::stride].astype(np.float64)
    n *= x.size / n.sum()
    ages, *own = (cell[::stride] for cell in cells)
    below = np.array([(model.pmf(float(k), ages, *own) * n).sum() for k in range(MOST_SHOWN)])
    expected = np.append(below, max(x.size - float(below.sum()), 0.0))
    actual = np.bincount(np.minimum(x, MOST_SHOWN).astype(np.int64), minlength=MOST_SHOWN + 1).astype(np.float64)
    return Calibration(
        frequency=list(range(MOST_SHOWN + 1)),
        actual=actual.tolist(),
        expected=expected.tolist(),
        misplaced=float(np.abs(actual - expected).sum() / (2.0 * x.size)),
        repeats=float(x.sum()),
        expected_repeats=float((model.expected_purchases(ages, *own) * n).sum()),
    )


def nudged(fit: Fit, step: float) -> Iterator[tuple[Fit, Fit]]:
    """The fit `step` standard errors ahead and behind along independent directions: its covariance by Cholesky.

    On the scale where the fit is nearly normal: logs of parameters, coefficients as they are.
    """
    values = np.array(fit.values)
    is_coefficient = np.array([":" in name for name in fit.params])
    scale = np.where(is_coefficient, 1.0, values)
    factor = np.linalg.cholesky(np.array(fit.covariance) / np.outer(scale, scale))
    for column in factor.T:
        added = np.where(is_coefficient, step * column, 0.0)
        log_factor = np.where(is_coefficient, 0.0, np.clip(step * column, -FARTHEST_STEP, FARTHEST_STEP))
        ahead, behind = ((values + sign * added) * np.exp(sign * log_factor) for sign in (1.0, -1.0))
        yield _with_values(fit, ahead), _with_values(fit, behind)


def _with_values(fit: Fit, values: Vector) -> Fit:
    return replace(fit, params=dict(zip(fit.params, values.tolist(), strict=True)))


def _distinct(columns: list[Vector]) -> tuple[list[Vector], NDArray[np.int64]]:
    """Distinct rows of columns, ascending, and where each row is among them."""
    rows = pl.DataFrame({f"k{i}": column for i, column in enumerate(columns)})
    distinct = rows.unique().sort(rows.columns)
    at = rows.join(distinct.with_row_index("at"), on=rows.columns, how="left", maintain_order="left")["at"]
    return [distinct[name].to_numpy() for name in rows.columns], at.cast(pl.Int64).to_numpy()
