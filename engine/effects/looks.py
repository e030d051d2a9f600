"""Several looks at one experiment, and still few false alarms: what is spent at each, and the boundary it makes.

Lan & DeMets (1983), Biometrika 70(3), 659-663: of the error α, so much may be spent by the time that a share of the
information is in; here as O'Brien & Fleming (1979) spend it, next to nothing early. Boundaries by the recursion of
Armitage, McPherson & Rowe (1969), JRSS A 132(2), 235-244: the density of the score process of those who have not
crossed yet, on a grid.
"""

from collections.abc import Callable, Sequence

import numpy as np

from whalecurve.engine.statistics import normal_below, normal_quantile
from whalecurve.kernels.arrays import Vector

REACH, POINTS = 8.0, 1_201
"""The grid: so many standard deviations to both sides, in so many points between the boundaries (Simpson's rule)."""

NEVER = REACH
LEAST_STEP = 1e-6
"""The boundary of a look at which next to nothing is spent: no estimate reaches it."""


def spent(information: float, alpha: float) -> float:
    """The two-sided error that may be spent by a share of the information, 4·(1 − Φ(z_{α/4} / √t)); α from 1 on."""
    if information >= 1.0:
        return alpha
    if information <= 0.0:
        return 0.0
    return float(4.0 * normal_below(-normal_quantile(1.0 - alpha / 4.0) / np.sqrt(information)))


def boundaries(information: Sequence[float], spending: Sequence[float]) -> list[float]:
    """Critical |z| of each look, such that exactly so much error is spent by it if there is no effect.

    Parameters
    ----------
    information
        Ascending, of each look, in any unit: corr(z_j, z_k) = √(information_j / information_k).
    spending
        The error spent by each look, ascending.
    """
    bounds: list[float] = []
    grid, density = np.zeros(1), np.ones(1)
    before, used = 0.0, 0.0
    for time, total in zip(information, spending, strict=True):
        step = np.sqrt(time - before)
        tail = _tail(grid, density, step, len(bounds) == 0)
        bound = _solved(tail, total - used, np.sqrt(time))
        bounds.append(bound / np.sqrt(time))
        grid, density = _carried(grid, density, step, bound, len(bounds) == 1)
        before, used = time, total
    return [min(float(bound), NEVER) for bound in bounds]


def planned_boundaries(n_looks: int, alpha: float, shape: Callable[[float, float], float] = spent) -> list[float]:
    """Boundaries of looks at equal steps of information."""
    times = [(k + 1) / n_looks for k in range(n_looks)]
    return boundaries(times, [shape(time, alpha) for time in times])


def crossing(information: Sequence[float], bounds: Sequence[float]) -> float:
    """The probability that |z| is beyond its bound at some look, if there is no effect."""
    grid, density = np.zeros(1), np.ones(1)
    before, total = 0.0, 0.0
    for k, (time, bound) in enumerate(zip(information, bounds, strict=True)):
        step, at = np.sqrt(time - before), bound * np.sqrt(time)
        total += _tail(grid, density, step, k == 0)(at)
        grid, density = _carried(grid, density, step, at, k == 0)
        before = time
    return total


def _tail(grid: Vector, density: Vector, step: float, is_first: bool) -> Callable[[float], float]:
    """The probability of a score beyond ±x after one more step, of those still under way."""
    weights = density if is_first else density * _simpson(grid)

    def beyond(x: float) -> float:
        return float((weights * (normal_below((grid - x) / step) + normal_below((-x - grid) / step))).sum())

    return beyond


def _solved(tail: Callable[[float], float], error: float, scale: float) -> float:
    """The x > 0 with this probability beyond it, by bisection."""
    low, high = 0.0, REACH * scale
    if tail(high) >= error:
        return high
    for _ in range(80):
        middle = (low + high) / 2.0
        low, high = (middle, high) if tail(middle) > error else (low, middle)
    return high


def _carried(grid: Vector, density: Vector, step: float, bound: float, is_first: bool) -> tuple[Vector, Vector]:
    """The density of the score after one more step, of those within the bound."""
    weights = density if is_first else density * _simpson(grid)
    points = np.linspace(-bound, bound, POINTS)
    apart = (points[:, np.newaxis] - grid) / step
    normal = np.exp(-0.5 * apart * apart) / (step * np.sqrt(2.0 * np.pi))
    return points, normal @ weights


def _simpson(grid: Vector) -> Vector:
    weights = np.where(np.arange(grid.size) % 2 == 1, 4.0, 2.0)
    weights[[0, -1]] = 1.0
    scaled: Vector = weights * ((grid[-1] - grid[0]) / (grid.size - 1) / 3.0)
    return scaled


def information_of(correlations: Sequence[float]) -> list[float]:
    """Information at looks, the last one 1, from the correlations of each look's estimate with the next one's.

    Estimates of outcomes that grow with time have it as canonical ones do, corr² = information_j / information_k. A
    look that adds nothing has as much as the one before, and a little more, so that the recursion has a step; so has
    the first look, also where it says nothing of the last, or the opposite.
    """
    times = [1.0]
    for r in reversed(correlations):
        times.append(times[-1] * min(max(r * abs(r), LEAST_STEP), 1.0 - LEAST_STEP))
    return times[::-1]
