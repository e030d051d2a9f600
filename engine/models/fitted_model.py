"""What a fit gives: parameters with their errors and how good they are. Frozen."""

import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from whalecurve.engine.errors import InputError
from whalecurve.engine.paths import read_text, refuse_url

LIKELIHOODS = ("log_likelihood", "aic", "bic")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
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

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON: None for a likelihood that the method has not."""
        unknown = {name: None for name in LIKELIHOODS if math.isnan(getattr(self, name))}
        return asdict(self) | {"warnings": list(self.warnings)} | unknown

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The fit that `to_dict` wrote."""
        known = {name: math.nan for name in LIKELIHOODS if data[name] is None}
        fields: dict[str, Any] = {**data, "warnings": tuple(data["warnings"]), **known}
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
