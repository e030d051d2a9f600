"""What the spend models by credibility share: two estimates, the mean of all and the weight of one purchase.

Their standard errors are those of the grouped jackknife, see `statistics.jackknife`.
"""

import math
from collections.abc import Sequence

import numpy as np

from whalecurve.engine.errors import NotIdentifiedError
from whalecurve.engine.models.fitted_model import Fit
from whalecurve.engine.statistics import covariance_of
from whalecurve.kernels.arrays import Matrix

PARAMS: tuple[str, ...] = ("mean", "weight")
"""The mean of all, in currency, and the credibility of one purchase, from 0 to 1."""

Estimates = tuple[float, float]
"""Of `PARAMS`; other models of this kind have more, the weight last."""

EQUAL_COUNTS = "repeat customers bought equally often, which does not tell own spend from chance: all get the mean"
NO_SPREAD = "customers' means differ no more than chance would have it: all get the mean"


def refuse_too_few(n_customers: int) -> None:
    """Raise NotIdentifiedError for fewer than two repeat customers: a mean of all needs them."""
    if n_customers < 2:
        customers = "1 repeat customer" if n_customers == 1 else "0 repeat customers"
        raise NotIdentifiedError(f"{customers}; a mean of all needs two or more")


def fit_of(
    name: str,
    estimates: tuple[float, ...],
    without: Sequence[tuple[float, ...]],
    *,
    n: int,
    warnings: tuple[str, ...],
    names: tuple[str, ...] = PARAMS,
    log_likelihood: float = math.nan,
    aic: float = math.nan,
    bic: float = math.nan,
) -> Fit:
    """The fit of n customers.

    Parameters
    ----------
    without
        The estimates without each group of the jackknife; none where there are too few customers for it.
    names
        Of the estimates, the weight last.
    log_likelihood, aic, bic
        NaN for a method that has none.
    """
    params = dict(zip(names, estimates, strict=True))
    covariance = covariance_of(without) if without else None
    return Fit(
        model=name,
        params=params,
        standard_errors=None if covariance is None else _errors(params, covariance),
        covariance=None if covariance is None else covariance.tolist(),
        log_likelihood=log_likelihood,
        aic=aic,
        bic=bic,
        n=n,
        converged=True,
        gradient_norm=0.0,
        iterations=0,
        warnings=warnings,
    )


def _errors(params: dict[str, float], covariance: Matrix) -> dict[str, float]:
    """Standard errors, but of a weight at 0 or 1: it has no error both ways."""
    errors = dict(zip(params, np.sqrt(np.diag(covariance)).tolist(), strict=True))
    told = {name: error for name, error in errors.items() if name != "weight"}
    return errors if 0.0 < params["weight"] < 1.0 else told
