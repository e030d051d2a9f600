"""Spend of any sign: customers' own means, shrunk towards the mean of all, by maximum likelihood.

The x repeat purchases of a customer have the mean m ~ N(own mean, within / x), and own means are ~ N(mean, between):
normal-normal with unequal numbers (Laird & Ware 1982, Biometrics 38(4), 963-974; Buhlmann & Gisler 2005, A Course in
Credibility Theory, ch. 4). What is expected of a customer is the average of `kernels.credibility`, with the
credibility of one purchase w = between / (between + within).

How m varies with x tells w, but not well. The first purchase of each customer tells it far better, where it is at hand:
its covariance with m is due to the customer alone. It may bring more or less on average than later ones, and vary more
or less, see `spend_sums`. Given w everything else is found at once, so one number is searched for; without first
purchases the mean of all is then that of Buhlmann & Straub (1970).

The normal need not hold: mean and weight are consistent wherever customers' means have variances, since m and f have
means, variances and covariances as above whatever the distributions; under Gamma-Gamma, w is p / (p + q - 1). Standard
errors are those of the grouped jackknife, see `statistics.jackknife`, which does not take spend for normal either. No
amount is cut: `shrunken_mean` is for spend whose tail is too heavy for a mean.
"""

import math

import numpy as np

from whalecurve.engine.models.fitted_model import Fit, information_criteria
from whalecurve.engine.models.mean_and_weight import EQUAL_COUNTS, NO_SPREAD, Estimates, fit_of, refuse_too_few
from whalecurve.engine.models.spend_sums import ScaledSpend, SpendSums
from whalecurve.kernels.arrays import Vector

NAME = "credibility"
CELLS = 16
"""Parts of 0 .. 1 in which a peak of the likelihood is looked for."""


def fit_credibility(x: Vector, m: Vector, first: Vector | None = None) -> Fit:
    """The mean of all and the credibility of one purchase.

    Parameters
    ----------
    x, m, first : float64[n]
        Repeat purchases, at least 1, their mean value, of any sign, and the value of the first purchase of each
        customer, in ascending order of x, then m, then first. The log-likelihood is of m, or of the pairs where
        `first` is given.

    Raises
    ------
    NotIdentifiedError
        Fewer than two customers.
    """
    refuse_too_few(x.size)
    scaled = ScaledSpend.of(x, m, first)
    whole, centre, scale = scaled.whole, scaled.centre, scaled.scale
    (mean, reported), height = _estimates(whole)
    log_likelihood = scaled.log_likelihood(height)
    without = [_estimates(sums)[0] for sums in scaled.without_each_lot()]
    return fit_of(
        NAME,
        (centre + scale * mean, reported),
        [(scale * other, weight) for other, weight in without],
        n=x.size,
        warnings=_warnings(whole, reported),
        log_likelihood=log_likelihood,
        **information_criteria(log_likelihood, whole.n_estimated, x.size),
    )


def _estimates(sums: SpendSums) -> tuple[Estimates, float]:
    """The best mean and weight, the greatest weight that can be asked about standing for 1; the log-likelihood."""
    weight = best_weight(sums)
    best = sums.at(weight)
    return (best.mean, 1.0 if weight == sums.greatest else weight), best.height


def best_weight(sums: SpendSums) -> float:
    """Where the likelihood is highest: of the ends, and of the points between where it turns from rising to falling.

    0 where nothing tells own spend from chance: all have the same m, or, without first purchases, the same x.
    """
    if sums.x.size == 1 and not sums.has_first:
        return 0.0
    grid = np.linspace(0.0, sums.greatest, CELLS + 1)
    slopes = [sums.at(float(weight)).slope for weight in grid]
    if any(math.isnan(slope) for slope in slopes):
        return 0.0
    turns = [i for i in range(CELLS) if slopes[i] > 0.0 >= slopes[i + 1]]
    from scipy.optimize import brentq  # costs more to import than most runs need

    peaks = [brentq(lambda w: sums.at(w).slope, grid[i], grid[i + 1], xtol=1e-15, rtol=1e-14) for i in turns]
    return max([0.0, *map(float, peaks), sums.greatest], key=lambda weight: sums.at(weight).height)


def _warnings(sums: SpendSums, weight: float) -> tuple[str, ...]:
    if sums.x.size == 1 and not sums.has_first:
        return (EQUAL_COUNTS,)
    if weight == 0.0:
        return (NO_SPREAD,)
    if weight == 1.0:
        return (
            "customers' means vary no less with more purchases: each gets the own one, one-time buyers that of all",
        )
    return ()
