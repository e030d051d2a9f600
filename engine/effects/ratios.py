"""Ratios of sums in two arms, as revenue an order: the customer is the unit, whatever they add to both sums."""

from whalecurve.engine.effects.means import ArmMean
from whalecurve.engine.effects.moments import Cell


def ratio_mean(cell: Cell, y: int, x: int) -> ArmMean | None:
    """Σy / Σx of the customers of a cell as the mean of an arm; None where Σx is not positive, or rests on one.

    Its variance is by linearisation (the delta method; Deng, Knoblich & Lu 2018, KDD '18): that of the mean of
    (y − R·x) / x̄ over customers. Numbers y and x of the cell, by their places.
    """
    if cell.n < 2 or cell.sums[x] <= 0:
        return None
    ratio = cell.sums[y] / cell.sums[x]
    squares = cell.covariance(y, y) - 2.0 * ratio * cell.covariance(y, x) + ratio**2 * cell.covariance(x, x)
    variance = max(squares, 0.0) / cell.n / cell.mean(x) ** 2
    return ArmMean(mean=ratio, variance=variance, degrees=cell.n - 1.0, n=cell.n)
