"""The spend models by name: parameters, kernel, fit, and which customers they see."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from whalecurve.engine.errors import InputError, Message, setting
from whalecurve.engine.models import level_by_frequency
from whalecurve.engine.models.credibility_fit import fit_credibility
from whalecurve.engine.models.fit_data import FitData
from whalecurve.engine.models.fitted_model import Bounds, Fit, check_params
from whalecurve.engine.models.maximum_likelihood import fit_spend, spend_cells
from whalecurve.engine.models.mean_and_weight import PARAMS
from whalecurve.engine.models.shrunken_mean import fit_shrunken_mean
from whalecurve.engine.models.spend_by_frequency import PARAMS as OF_FREQUENCY
from whalecurve.engine.models.spend_by_frequency import fit_by_frequency
from whalecurve.kernels import credibility, gamma_gamma
from whalecurve.kernels.arrays import Vector

Kernel = Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendModel:
    """What a purchase of a customer is worth, from the mean value of the customer's repeat purchases.

    name : as settings have it; recorded : as `Fit.model` has it
    fit : (x, m, l2) of the repeat customers that the model sees -> Fit; where `uses_first`, (x, m, l2, first) will do,
        too
    expected_value : ufunc (x, m, *params)
    sees_losses : whether repeat customers with m <= 0 count too
    uses_first : whether first purchases tell it something
    lacks_mean : what of a fit's parameters leaves spend without a mean; None where there is one
    own_scale : parameters that vary as they are and not in logs, with their bounds
    follows_frequency : whether what a purchase is worth may go with how often customers buy
    """

    name: str
    recorded: str
    title: str
    source: str
    params: tuple[str, ...]
    fit: Callable[..., Fit]
    expected_value: Kernel
    sees_losses: bool
    lacks_mean: Callable[[Fit], str | None]
    uses_first: bool = False
    own_scale: Bounds = field(default_factory=dict)
    follows_frequency: bool = False

    def fit_to(self, data: FitData, l2: float) -> Fit:
        """Fit it to the customers that it sees. NotIdentifiedError where these tell it nothing."""
        seen = data.spend(sees_losses=self.sees_losses)
        return self.fit(*seen, l2, data.first) if self.uses_first else self.fit(*seen, l2)

    def why_no_mean(self, fit: Fit) -> Message | None:
        """The reason why a fit gives no expected value, with what to do; None where it gives one."""
        fact = self.lacks_mean(fit)
        if fact is None:
            return None
        return Message(
            f"{fact}, so mean spend has no expectation, and no customer an expected value or CLV; "
            f"{setting('spend', 'mean')} takes customers' own means, shrunk towards a robust mean of all"
        )

    def check(self, fit: Fit) -> None:
        """Raise InputError for parameters that are not the model's, or outside their bounds."""
        check_params(fit, self.params, self.own_scale)


def spend_model(name: str) -> SpendModel:
    """The spend model of that name, as settings have it or as `Fit.model` has it.

    Raises
    ------
    InputError
        No such model.
    """
    by_name = {model.recorded: model for model in SPEND_MODELS.values()} | SPEND_MODELS
    if name not in by_name:
        raise InputError(f'{setting("spend")} "{name}" is unknown; choose one of {", ".join(SPEND_MODELS)}')
    return by_name[name]


def _has_small_q(fit: Fit) -> str | None:
    q = fit.params["q"]
    return None if q > 1.0 else f"q = {q:.4g} is not above 1"


def _fit_gamma_gamma(x: ArrayLike, m: ArrayLike, l2: float) -> Fit:
    return fit_spend(x, m, l2=l2)


def _fit_mean(x: ArrayLike, m: ArrayLike, _l2: float) -> Fit:
    """Moments, which no penalty shrinks."""
    return fit_shrunken_mean(*_ordered(x, m))


def _fit_credibility(x: ArrayLike, m: ArrayLike, _l2: float, first: Vector | None = None) -> Fit:
    """Neither a mean nor a share is shrunk by a penalty on logs."""
    return fit_credibility(*_with_first(x, m, first))


def _fit_frequency(x: ArrayLike, m: ArrayLike, _l2: float, first: Vector | None = None) -> Fit:
    """Nor is a slope."""
    return fit_by_frequency(*_with_first(x, m, first))


def _with_first(x: ArrayLike, m: ArrayLike, first: Vector | None) -> tuple[Vector, Vector, Vector | None]:
    """The repeat customers in ascending order, with their first purchases where there are any."""
    if first is None:
        return (*_ordered(x, m), None)
    repeats, means = np.asarray(x, dtype=np.float64), np.asarray(m, dtype=np.float64)
    order = np.lexsort((first, means, repeats))
    return repeats[order], means[order], first[order]


def _ordered(x: ArrayLike, m: ArrayLike) -> tuple[Vector, Vector]:
    """The repeat customers in ascending order, whatever order they came in."""
    repeats, means, counts = spend_cells(x, m, None, sees_losses=True)
    each = counts.astype(np.int64)
    return np.repeat(repeats, each), np.repeat(means, each)


_ANY = (-float("inf"), float("inf"))
_SHRUNKEN: Bounds = {"mean": _ANY, "weight": (0.0, 1.0)}


SPEND_MODELS = {
    "gamma-gamma": SpendModel(
        name="gamma-gamma",
        recorded="gamma_gamma",
        title="Gamma-Gamma",
        source="Colombo & Jiang (1999); Fader & Hardie (2013)",
        params=("p", "q", "v"),
        fit=_fit_gamma_gamma,
        expected_value=gamma_gamma.expected_value,
        sees_losses=False,
        lacks_mean=_has_small_q,
    ),
    "credibility": SpendModel(
        name="credibility",
        recorded="credibility",
        title="normal-normal credibility",
        source="Buhlmann & Straub (1970); Laird & Ware (1982)",
        params=PARAMS,
        fit=_fit_credibility,
        expected_value=credibility.expected_value,
        sees_losses=True,
        lacks_mean=lambda _: None,
        uses_first=True,
        own_scale=_SHRUNKEN,
    ),
    "mean": SpendModel(
        name="mean",
        recorded="mean",
        title="shrunken mean",
        source="Buhlmann (1967); Buhlmann & Straub (1970); Dixon & Tukey (1968)",
        params=PARAMS,
        fit=_fit_mean,
        expected_value=credibility.expected_value,
        sees_losses=True,
        lacks_mean=lambda _: None,
        own_scale=_SHRUNKEN,
    ),
    "frequency": SpendModel(
        name="frequency",
        recorded="frequency",
        title="credibility by frequency",
        source="Hachemeister (1975); Buhlmann & Gisler (2005)",
        params=OF_FREQUENCY,
        fit=_fit_frequency,
        expected_value=level_by_frequency.expected_value,
        sees_losses=True,
        lacks_mean=lambda _: None,
        uses_first=True,
        own_scale={**_SHRUNKEN, "slope": _ANY},
        follows_frequency=True,
    ),
}
"""By the name that settings have."""
