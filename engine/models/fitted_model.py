"""What a fit gives: parameters with their errors and how good they are. Frozen."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self, TypedDict

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from whalecurve.engine.errors import InputError
from whalecurve.engine.models import level_by_frequency
from whalecurve.engine.notebook import Displayed
from whalecurve.engine.paths import read_text, refuse_url
from whalecurve.engine.statistics import NORMAL_975
from whalecurve.kernels import bgbb, bgcnbd, bgnbd, credibility, gamma_gamma, mbgcnbd, mbgnbd, pnbd
from whalecurve.kernels.arrays import Vector

Bounds = Mapping[str, tuple[float, float]]
"""Least and greatest value by parameter."""

LIKELIHOODS = ("log_likelihood", "aic", "bic")

PURCHASES = {
    "bgnbd": bgnbd,
    "mbgnbd": mbgnbd,
    "pnbd": pnbd,
    "bgcnbd": bgcnbd,
    "mbgcnbd": mbgcnbd,
    "bgbb": bgbb,
}
SPEND = {"gamma_gamma": gamma_gamma, "credibility": credibility, "mean": credibility, "frequency": level_by_frequency}
"""Kernels of models by the name that fits record."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Fit(Displayed):
    """A fitted model.

    params : by name, in the order of the kernels; times in `unit`
    standard_errors, covariance : of `params`, from the inverse Hessian; None where that is not defined. Parameters at a
        limit, or that the data do not tell, have no standard error
    log_likelihood : at the optimum, summed over `n` customers; NaN, and aic and bic with it, for a fit by moments
    gradient_norm : largest derivative of the mean log-likelihood by a log parameter
    bounds : where the data do not tell some parameters, 95 % intervals of the rates of purchases and of dropout by
        profile likelihood: [low, high], None for no end; empty elsewhere
    prior : penalty on squared log parameters, in the place of 0, where the data do not tell dropout; None elsewhere
    """

    model: str
    params: dict[str, float]
    standard_errors: dict[str, float] | None
    covariance: list[list[float]] | None
    log_likelihood: float
    aic: float
    bic: float
    n: int
    converged: bool
    gradient_norm: float
    iterations: int
    unit: str | None = None
    warnings: tuple[str, ...] = field(default=())
    bounds: dict[str, list[float | None]] = field(default_factory=dict)
    prior: float | None = None

    @property
    def values(self) -> tuple[float, ...]:
        """The parameters as the kernels take them."""
        return tuple(self.params.values())

    def p_alive(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> Vector:
        """P(alive) of each customer: the probability that they may buy again.

        Parameters
        ----------
        frequency, recency, T : array_like[n]
            Repeat purchases, time of the last one and age, as `customer_summary` gives them, in the unit of the fit.

        Returns
        -------
        float64[n]
            NaN where the three are no history.

        Raises
        ------
        InputError
            The fit is of spend, or has covariates, whose values it does not hold.
        """
        alive: Vector = self._kernel(PURCHASES, "purchases").p_alive(*_floats(frequency, recency, T), *self.values)
        return alive

    def predict(self, t: ArrayLike, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> Vector:
        """Purchases that each customer is expected to make in the next `t` units of time.

        Parameters
        ----------
        t : array_like
            Time ahead, in the unit of the fit: one for all, or one each. Periods, for BG/BB.
        frequency, recency, T : array_like[n]
            As for `p_alive`.

        Returns
        -------
        float64[n]
            NaN where the three are no history.

        Raises
        ------
        InputError
            As for `p_alive`.
        """
        kernels, history = self._kernel(PURCHASES, "purchases"), _floats(frequency, recency, T)
        expected: Vector = kernels.conditional_expected_purchases(*_floats(t), *history, *self.values)
        return expected

    def expected_value(self, frequency: ArrayLike, monetary_value: ArrayLike) -> Vector:
        """Value that one further purchase of each customer is expected to have.

        Parameters
        ----------
        frequency, monetary_value : array_like[n]
            Repeat purchases and their mean value; what the latter is where there are none does not matter.

        Returns
        -------
        float64[n]

        Raises
        ------
        InputError
            The fit is of purchases.
        """
        x, m = _floats(frequency, monetary_value)
        means: Vector = self._kernel(SPEND, "spend").expected_value(x, np.where(x == 0.0, 0.0, m), *self.values)
        return means

    @property
    def summary(self) -> pl.DataFrame:
        """One row per parameter: `param`, `value`, `standard_error`, and a 95 % interval `low` .. `high`.

        Intervals are those of the normal distribution, of the logs of parameters that are positive; null without a
        standard error.
        """
        errors = self.standard_errors or {}
        rows = [(name, value, errors.get(name), *self._interval(name)) for name, value in self.params.items()]
        names = ("param", "value", "standard_error", "low", "high")
        schema = dict.fromkeys(names, pl.Float64()) | {"param": pl.String()}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def _interval(self, name: str) -> tuple[float | None, float | None]:
        value, error = self.params[name], (self.standard_errors or {}).get(name)
        if error is None:
            return None, None
        if self.model in ("credibility", "mean", "frequency") or ":" in name or value <= 0.0:
            return value - NORMAL_975 * error, value + NORMAL_975 * error
        factor = math.exp(NORMAL_975 * error / value)
        return value / factor, value * factor

    def _kernel(self, kernels: dict[str, Any], of: str) -> Any:  # noqa: ANN401 - a module
        if self.model not in kernels:
            raise InputError(f"a fit of {self.model} tells nothing of {of}; use one of {', '.join(kernels)}")
        if any(":" in name for name in self.params):
            raise InputError(
                f"this fit of {self.model} has covariates, so parameters differ between customers; score the orders, "
                f"which gives every customer their own"
            )
        return kernels[self.model]

    def facts(self) -> dict[str, object]:
        """The model, its parameters, and whether the search for them ended well."""
        params = {name: f"{value:.4g}" for name, value in self.params.items()}
        return {
            "model": self.model,
            **params,
            "unit": self.unit,
            "customers": int(self.n),
            "log-likelihood": None if math.isnan(self.log_likelihood) else round(self.log_likelihood, 2),
            "converged": self.converged,
        }

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON: None for a likelihood that the method has not."""
        absent = {name: None for name in LIKELIHOODS if math.isnan(getattr(self, name))}
        return asdict(self) | {"warnings": list(self.warnings)} | absent

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The fit that `to_dict` wrote."""
        absent = {name: math.nan for name in LIKELIHOODS if data[name] is None}
        fields: dict[str, Any] = {**data, "warnings": tuple(data["warnings"]), **absent}
        return cls(**fields)

    def save(self, path: str | Path) -> None:
        """Write the fit as JSON. InputError where the path is a URL."""
        refuse_url(path, "path")
        Path(path).write_text(json.dumps(self.to_dict(), indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a fit that `save` wrote.

        Raises
        ------
        InputError
            The file is missing, or no fit.
        """
        try:
            return cls.from_dict(json.loads(read_text(path, "fit a model and save it there first")))
        except (ValueError, TypeError, KeyError) as error:
            raise InputError(f"{path}: not a saved fit ({error}); write it with Fit.save") from error


def _floats(*given: ArrayLike) -> list[Vector]:
    """Lists, NumPy arrays and series of pandas or Polars as arrays of float64; null is NaN."""
    return [np.asarray(values, dtype=np.float64) for values in given]


def check_params(fit: Fit, names: tuple[str, ...], own_scale: Bounds = MappingProxyType({})) -> None:
    """Raise InputError for a fit, as one from a file, that has other parameters, or one that is none.

    Parameters
    ----------
    own_scale
        Least and greatest value of parameters that vary as they are; all others are positive.
    """
    are_all = tuple(fit.params) == names
    for name, value in fit.params.items():
        low, high = own_scale.get(name, (math.nextafter(0.0, 1.0), math.inf))
        are_all = are_all and isinstance(value, float) and low <= value <= high
    if not are_all:
        expected = f"{'' if own_scale else 'positive '}{', '.join(names)}"
        raise InputError(f"{fit.model} has the parameters {fit.params}, expected {expected}")


class InformationCriteria(TypedDict):
    """Akaike's (1974) and Schwarz's (1978), which fits of one log are compared by: less is better."""

    aic: float
    bic: float


def information_criteria(log_likelihood: float, n_estimated: int, n: float) -> InformationCriteria:
    """Both of a fit of so many numbers to n customers."""
    return {
        "aic": 2.0 * n_estimated - 2.0 * log_likelihood,
        "bic": n_estimated * math.log(n) - 2.0 * log_likelihood,
    }
