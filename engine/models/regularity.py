"""How many stages the gaps between purchases have: tried one after the other, the most likely number taken.

For a number of stages k the other parameters are those of greatest likelihood. That of k itself rises to one peak in
all logs tried, so that numbers are tried upwards until it has fallen twice in a row. k is counted as a parameter in AIC
and BIC where it was chosen so; it has no standard error, being whole, and intervals take it as given.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from whalecurve.engine.errors import InputError
from whalecurve.engine.models.fitted_model import Fit, information_criteria
from whalecurve.engine.models.histories import Histories
from whalecurve.engine.models.optimum import Optimum

MOST_STAGES = 12
"""The greatest number of stages: gaps then scatter by 29 % of their mean, less than a day of a week in four days."""

Climb = tuple[Optimum, int]
"""The best parameters, and iterations before the last climb."""


def best_stages(climbed: Callable[[int, Optimum | None], Climb], histories: Histories, given: int | None) -> int:
    """The number of stages: the one that is given, or the most likely.

    Parameters
    ----------
    climbed
        The best of the other parameters for a number of stages, from the best for one less where that is known.

    Raises
    ------
    InputError
        A number that is none, or none where nothing is known of the gaps.
    """
    if given is not None:
        if not (1 <= given <= MOST_STAGES and given == int(given)):
            raise InputError(f"stages: {given} is not a number of stages; give a whole number from 1 to {MOST_STAGES}")
        return int(given)
    if histories.log_gaps is None:
        raise InputError(
            "stages: how regularly customers buy is told by the gaps between purchases, which are not known here; give "
            "log_gaps, the sum of their logs, or a number of stages"
        )
    top, heights = None, list[float]()
    for k in range(1, MOST_STAGES + 1):
        top, _ = climbed(k, top)
        heights.append(top.log_likelihood)
        if k > 2 and heights[-3] > heights[-2] > heights[-1]:
            break
    return heights.index(max(heights)) + 1


def with_stages(fit: Fit, name: str, k: int, *, is_chosen: bool) -> Fit:
    """A fit of the other parameters as one of the model with k among them, as the kernels take them."""
    size = len(fit.params)
    covariance = fit.covariance
    if covariance is not None:
        whole = np.zeros((size + 1, size + 1))
        whole[1:, 1:] = covariance
        covariance = whole.tolist()
    return replace(
        fit,
        model=name,
        params={"k": float(k), **fit.params},
        covariance=covariance,
        warnings=(*_notes(k, is_chosen=is_chosen), *fit.warnings),
        **information_criteria(fit.log_likelihood, size + is_chosen, fit.n),
    )


def _notes(k: int, *, is_chosen: bool) -> tuple[str, ...]:
    if not is_chosen or 1 < k < MOST_STAGES:
        return ()
    if k == 1:
        return (
            "k = 1: gaps between purchases are no more regular than by chance, so this is the model without stages",
        )
    return (f"k = {k} is the greatest number of stages that is tried, and gaps may be more regular still",)
