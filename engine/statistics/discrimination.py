"""How good probabilities are: whether they rank those to whom it happens above the others, and how far off they are."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.kernels.arrays import Vector


def auc(score: Vector, happened: NDArray[np.bool_]) -> float | None:
    """The chance that somebody to whom it happened has a higher score than somebody to whom it did not.

    Ties count half: 0.5 is no better than chance, below it worse. It is the area under the ROC curve, by the ranks of
    Mann & Whitney (1947), Annals of Mathematical Statistics 18. None where it happened to all, or to none.

    Parameters
    ----------
    score
        float64[n], any order, no NaN.
    happened
        bool[n].
    """
    n_happened = int(np.count_nonzero(happened))
    n_pairs = n_happened * (happened.size - n_happened)
    if n_pairs == 0:
        return None
    ranks = (pl.Series(score) + 0.0).rank("average").to_numpy()  # -0.0 and 0.0 are one score
    return (float(ranks[happened].sum()) - n_happened * (n_happened + 1) / 2.0) / n_pairs


def brier(probability: Vector, happened: NDArray[np.bool_]) -> float:
    """Mean squared distance of probabilities from what happened, 1 or 0 (Brier 1950, Monthly Weather Review 78)."""
    return float(((probability - happened) ** 2).mean())


def brier_of_base_rate(happened: NDArray[np.bool_]) -> float:
    """The Brier score of the best that one probability for all can do: the share to whom it happened."""
    share = float(happened.mean())
    return share * (1.0 - share)


def calibration_error(probability: Vector, happened: NDArray[np.bool_], n_groups: int = 10) -> float:
    """How far probabilities are off on average: that of a group less the share to whom it happened, its size counting.

    Groups are tenths of the customers in order of their probability, equal ones together (Naeini, Cooper & Hauskrecht
    2015, AAAI: expected calibration error, here of groups of equal size). Chance alone makes it about the square root
    of share (1 - share) / n of a group, so it is never 0.
    """
    groups = tenths(probability, n_groups)
    gaps = np.bincount(groups, weights=probability - happened, minlength=n_groups)
    return float(np.abs(gaps).sum() / probability.size)


def tenths(values: Vector, n_groups: int = 10) -> NDArray[np.int64]:
    """The group, 0 for the least values, of each of n: with mid-rank r among n, floor(groups (r - 1/2) / n)."""
    ranks = (pl.Series(values) + 0.0).rank("average").to_numpy()  # -0.0 and 0.0 are one value
    return np.floor(n_groups * (ranks - 0.5) / values.size).astype(np.int64)
