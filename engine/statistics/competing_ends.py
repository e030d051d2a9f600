"""Cumulative incidence: how many have come to each of several ends by an age, where some are not waited for.

Aalen & Johansen (1978), Scandinavian Journal of Statistics 5, 141-150, in whole periods; the variance is that of
Marubini & Valsecchi (1995), Analysing Survival Data, by the delta method. One minus Kaplan-Meier of a single end, with
the others censored, would say how many there were if the others could not happen, and add up to more than all.
"""

from dataclasses import dataclass

import numpy as np

from whalecurve.kernels.arrays import Matrix, Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Incidence:
    """By end and age: share who have come to it, and its variance, both float64[k, n]."""

    share: Matrix
    variance: Matrix


def cumulative_incidence(ends: Matrix, at_risk: Vector) -> Incidence:
    """The shares who came to each end by the first, second ... period.

    Parameters
    ----------
    ends
        Who came to each of k ends in each of n periods: float64[k, n].
    at_risk
        Who was there before each period: float64[n], positive as far as it matters.
    """
    n = np.where(at_risk > 0.0, at_risk, np.nan)
    all_ends = ends.sum(axis=0)
    survival = np.cumprod(1.0 - np.nan_to_num(all_ends / n))
    before = np.concatenate([[1.0], survival[:-1]])
    share: Matrix = np.cumsum(before * np.nan_to_num(ends / n), axis=1)
    left = np.where(n - all_ends > 0.0, n - all_ends, np.nan)
    hazard = np.nan_to_num(all_ends / (n * left))
    spread = np.nan_to_num(before**2 * (n - ends) / n * ends / n**2)
    both = np.nan_to_num(before * ends / n**2)
    variance = np.empty(share.shape)
    for t in range(share.shape[1]):
        ahead = share[:, t : t + 1] - share[:, : t + 1]
        variance[:, t] = (ahead**2 * hazard[: t + 1] + spread[:, : t + 1] - 2.0 * ahead * both[:, : t + 1]).sum(axis=1)
    return Incidence(share=share, variance=np.maximum(variance, 0.0))
