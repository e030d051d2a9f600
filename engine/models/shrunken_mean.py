"""Spend without a distribution: each customer's own mean, shrunk towards a robust mean of all.

For logs whose spend is too heavy in the tail for Gamma-Gamma (q <= 1: no mean over customers), or negative. A customer
with x repeat purchases of mean m is expected to spend Z m + (1 - Z) mean, the credibility average of Buhlmann (1967)
and Buhlmann & Straub (1970), see `kernels.credibility`. Of the repeat customers, each counted once,

- `mean` is the winsorised mean (Dixon & Tukey 1968): the 5 % least means, rounded down to whole customers, count
  as the next greater one, the 5 % greatest as the next smaller. It exists whatever the tail, and lies below the plain
  mean where few spend very much: it is what an ordinary customer spends.
- `weight`, the credibility of one purchase, is between / (between + within): variances between customers and within
  one, from squared deviations, which are between + within / x on average: least squares on 1 / x. Customers with like
  x are put together, at least 40 at a time, and each group winsorised and centred by itself: to cut all at one value
  would take most from those with few purchases, whose means vary most, and double the weight. A negative variance
  counts as none: nobody differs (weight 0), or own means are all there is to know (1).

Standard errors are those of the grouped jackknife, see `statistics.jackknife`.
"""

from itertools import pairwise

import numpy as np

from whalecurve.engine.models.fitted_model import Fit
from whalecurve.engine.models.mean_and_weight import EQUAL_COUNTS, NO_SPREAD, Estimates, fit_of, refuse_too_few
from whalecurve.engine.statistics import GROUPS, lots
from whalecurve.kernels.arrays import Vector

NAME = "mean"
CUT = 20
"""One in so many customers at either end is winsorised."""
LEAST_TOGETHER = 2 * CUT
"""Customers at least whose deviations are winsorised together."""


def fit_shrunken_mean(x: Vector, m: Vector) -> Fit:
    """The robust mean of all and the credibility of one purchase.

    Parameters
    ----------
    x, m : float64[n]
        Repeat purchases, at least 1, and mean value, of any sign, of each customer, in ascending order of x and then m.

    Raises
    ------
    NotIdentifiedError
        Fewer than two customers.
    """
    refuse_too_few(x.size)
    mean, weight = _estimates(x, m)
    without = _without_each_lot(x, m) if x.size > 2 else []
    return fit_of(NAME, (mean, weight), without, n=x.size, warnings=_warnings(x, weight))


def _estimates(x: Vector, m: Vector) -> Estimates:
    """The mean and the weight."""
    mean = float(_winsorised(m).mean())
    between, within = _variances(x, _squares(x, m))
    if between <= 0.0:
        return mean, 0.0
    return mean, between / (between + within) if within > 0.0 else 1.0


def _winsorised(m: Vector) -> Vector:
    """The values, the extreme ones replaced."""
    n_cut = m.size // CUT
    ends = n_cut, m.size - 1 - n_cut
    low, high = np.partition(m, ends)[list(ends)]
    clipped: Vector = np.clip(m, low, high)
    return clipped


def _squares(x: Vector, m: Vector) -> Vector:
    """Squared deviations of the winsorised means of each group of customers with like x from their mean."""
    squares = np.empty_like(m)
    for group in _groups(x):
        winsorised = _winsorised(m[group])
        squares[group] = (winsorised - winsorised.mean()) ** 2 * (winsorised.size / (winsorised.size - 1.0))
    return squares


def _groups(x: Vector) -> list[slice]:
    """Customers in ascending order of x, those of one x together, at least `LEAST_TOGETHER` in each if there are."""
    starts = [0]
    for end in (np.flatnonzero(np.diff(x)) + 1).tolist():
        if end - starts[-1] >= LEAST_TOGETHER:
            starts.append(end)
    if len(starts) > 1 and x.size - starts[-1] < LEAST_TOGETHER:
        starts.pop()  # too few are left: they belong to the group before
    return [slice(start, end) for start, end in pairwise([*starts, x.size])]


def _variances(x: Vector, squares: Vector) -> tuple[float, float]:
    """Variance between and within customers, by least squares; 0 for both where all have the same x."""
    if x[0] == x[-1]:
        return 0.0, 0.0
    u = 1.0 / x
    apart = u - u.mean()
    within = float((apart * squares).sum() / (apart**2).sum())
    return float(squares.mean() - within * u.mean()), within


def _without_each_lot(x: Vector, m: Vector) -> list[Estimates]:
    """Both estimates once more without each group of the jackknife."""
    lot = lots(x.size)
    kept = (lot != group for group in range(min(GROUPS, x.size)))
    return [_estimates(x[some], m[some]) for some in kept]


def _warnings(x: Vector, weight: float) -> tuple[str, ...]:
    if x[0] == x[-1]:
        return (EQUAL_COUNTS,)
    if weight == 0.0:
        return (NO_SPREAD,)
    return ()
