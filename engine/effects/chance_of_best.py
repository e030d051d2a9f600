"""Which arm is best, as a probability."""

from collections.abc import Sequence

import numpy as np

from whalecurve.engine.effects.means import ArmMean
from whalecurve.engine.statistics import normal_below
from whalecurve.kernels.arrays import Vector

POINTS, REACH = 4_001, 9.0


def chances_of_best(arms: Sequence[ArmMean]) -> list[float]:
    """The probability of each arm that its true mean is the greatest, of normal ones with a flat prior.

    ∫ φ((u − m_i)/s_i)/s_i · Π_{j≠i} Φ((u − m_j)/s_j) du, by trapezoids over the arm's own distribution; equal chances
    for arms that do not vary and are equal.
    """
    means = np.array([arm.mean for arm in arms])
    spreads = np.sqrt(np.array([arm.variance for arm in arms]))
    if not (spreads > 0.0).any():
        is_best = means == means.max()
        return [float(share) for share in is_best / is_best.sum()]
    least = spreads[spreads > 0.0].min() * 1e-6
    spreads = np.maximum(spreads, least)
    u: Vector = np.linspace(-REACH, REACH, POINTS)
    density = np.exp(-0.5 * u * u)
    chances = np.empty(means.size)
    for i in range(means.size):
        at = means[i] + spreads[i] * u
        others = [normal_below((at - means[j]) / spreads[j]) for j in range(means.size) if j != i]
        chances[i] = (density * np.prod(others, axis=0)).sum()
    return [float(chance) for chance in chances / chances.sum()]
