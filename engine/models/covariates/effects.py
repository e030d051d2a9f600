"""Stage: a fit with covariates -> what it says of its coefficients, and of each customer by own parameters."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.errors import InputError
from whalecurve.engine.models import MOST_SHOWN, Calibration, Fit, calibration_of, purchase_model
from whalecurve.engine.models.covariates.design import Design
from whalecurve.engine.models.covariates.groups import EFFECTS
from whalecurve.engine.statistics import chi_square_above, normal_below
from whalecurve.kernels.arrays import Vector

LARGEST_EXPONENT = 700.0  # of exp, before it is no number
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
    return LikelihoodRatio(statistic=statistic, degrees=degrees, p_value=float(chi_square_above(degrees, statistic)))


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
                    "p_value": None if z is None else 2.0 * float(normal_below(-abs(z))),
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


def own_calibration(x: Vector, T: Vector, fit: Fit, design: Design) -> Calibration:
    """`calibration_by` the parameters that a fit with covariates gives each customer."""
    return calibration_by(x, T, fit.model, individual_params(fit, design))


def calibration_by(x: Vector, T: Vector, name: str, own: Mapping[str, Vector]) -> Calibration:
    """Compare a fit with its own data, as `calibrate` does: each customer expected by own parameters over own age.

    Where these are very many, what is expected is that of every k-th of them in order, scaled up.
    """
    model = purchase_model(name)
    cells, at = distinct_rows([T, *own.values()])
    stride = -(-cells[0].size // MOST_CELLS)
    n = np.bincount(at, minlength=cells[0].size)[::stride].astype(np.float64)
    n *= x.size / n.sum()
    ages, *params = (cell[::stride] for cell in cells)
    below = np.array([(model.pmf(float(k), ages, *params) * n).sum() for k in range(MOST_SHOWN)])
    return calibration_of(
        x,
        None,
        below=below,
        repeats=float(x.sum()),
        expected_repeats=float((model.expected_purchases(ages, *params) * n).sum()),
    )


def distinct_rows(columns: list[Vector]) -> tuple[list[Vector], NDArray[np.int64]]:
    """Distinct rows of columns, ascending, and where each row is among them."""
    rows = pl.DataFrame({f"k{i}": column for i, column in enumerate(columns)})
    distinct = rows.unique().sort(rows.columns)
    at = rows.join(distinct.with_row_index("at"), on=rows.columns, how="left", maintain_order="left")["at"]
    return [distinct[name].to_numpy() for name in rows.columns], at.cast(pl.Int64).to_numpy()
