"""Raking: weights that bring the shares of a sample to those that are known, one margin after the other.

Deming & Stephan (1940), Annals of Mathematical Statistics 11, 427-444; Deville, Särndal & Sautory (1993), JASA 88,
1013-1020. The joint distribution of the margins is left as the sample has it.
"""

from collections.abc import Sequence

import numpy as np

from whalecurve.kernels.arrays import Int64, Vector

MOST_ROUNDS = 500
CLOSE = 1e-10
"""Of a share, by which margins may still be off in the end."""


def raked(counts: Vector, levels: Sequence[Int64], targets: Sequence[Vector]) -> Vector | None:
    """Weights of cells, 1 on average over the sample.

    Parameters
    ----------
    counts
        Of the sample, by cell: float64[n], positive.
    levels
        For each margin the level of each cell, 0, 1, 2 ...: int64[n].
    targets
        For each margin the shares that its levels should have, which sum to 1; levels without a cell have 0.

    Returns
    -------
    float64[n], or None where no weights have these margins: levels of two margins that hardly occur together.
    """
    weights: Vector = np.ones(counts.size)
    total = counts.sum()
    for _ in range(MOST_ROUNDS):
        worst = 0.0
        for level, target in zip(levels, targets, strict=True):
            shares = np.bincount(level, weights * counts, target.size) / total
            worst = max(worst, float(np.abs(shares - target).max()))
            factors = np.divide(target, shares, out=np.ones(target.size), where=shares > 0.0)
            weights *= factors[level]
        if worst <= CLOSE:
            return weights
    return None
