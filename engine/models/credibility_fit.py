"""Spend of any sign: customers' own means, shrunk towards the mean of all, by maximum likelihood.

The x purchases of a customer have the mean m ~ N(own mean, within / x), and own means are ~ N(mean, between):
normal-normal with unequal numbers (Laird & Ware 1982, Biometrics 38(4), 963-974; Buhlmann & Gisler 2005, A Course in
Credibility Theory, ch. 4). Then m ~ N(mean, v g), v = between + within, with the credibility of one purchase

    w = between / v,   g = w + (1 - w) / x,

and what is expected of a customer is the average of `kernels.credibility`. Given w, the mean of all is the average of
the m weighted by 1 / g, which is that of Buhlmann & Straub (1970), and v the mean of (m - mean)^2 / g; so one number
is searched for, and the customers count only by number, sum and sum of squares for each x.

The normal need not hold: mean and variances are consistent wherever customers' means have variances, since m has mean
and variance as above whatever the distributions; under Gamma-Gamma, w is p / (p + q - 1). Standard errors are those of
the grouped jackknife, see `statistics.jackknife`, which does not take spend for normal either. No amount is cut:
`shrunken_mean` is for spend whose tail is too heavy for a mean.
"""

import math
from dataclasses import dataclass

import numpy as np

from whalecurve.engine.errors import NotIdentifiedError
from whalecurve.engine.models.fitted_model import Fit
from whalecurve.engine.statistics import GROUPS, covariance_of, errors_inside, lots
from whalecurve.kernels.arrays import Vector

NAME = "credibility"
PARAMS = ("mean", "weight")
N_ESTIMATED = 3
"""Mean, weight and variance."""
CELLS = 64
"""Parts of 0 .. 1 in which a peak of the likelihood is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sums:
    """Of the customers with each x, ascending: their number, and sum and sum of squares of m, which is centred."""

    x: Vector
    n: Vector
    m: Vector
    squares: Vector

    def at(self, weight: float) -> tuple[float, float, float, float]:
        """Mean, variance of one purchase, log-likelihood and its derivative by the weight."""
        total = self.n.sum()
        g, slope = weight + (1.0 - weight) / self.x, 1.0 - 1.0 / self.x
        mean = float((self.m / g).sum() / (self.n / g).sum())
        squares = np.maximum(self.squares - 2.0 * mean * self.m + self.n * mean**2, 0.0)
        variance = float((squares / g).sum() / total)
        if not variance > 0.0:
            return mean, 0.0, math.nan, math.nan
        height = -0.5 * (total * (math.log(2.0 * math.pi * variance) + 1.0) + float((self.n * np.log(g)).sum()))
        derivative = 0.5 * (float((squares * slope / g**2).sum()) / variance - float((self.n * slope / g).sum()))
        return mean, variance, height, derivative


def fit_credibility(x: Vector, m: Vector) -> Fit:
    """The mean of all and the credibility of one purchase.

    Parameters
    ----------
    x, m : float64[n]
        Repeat purchases, at least 1, and mean value, of any sign, of each customer, in ascending order of x and then m.

    Raises
    ------
    NotIdentifiedError
        Fewer than two customers.
    """
    if x.size < 2:
        customers = "1 repeat customer" if x.size == 1 else "0 repeat customers"
        raise NotIdentifiedError(f"{customers}; a mean of all needs two or more")
    centre = float(m.mean())
    scale = float(np.abs(m - centre).max()) or 1.0
    parts = _sums_by_lot(x, (m - centre) / scale)
    whole = _without(parts, None)
    weight = _best_weight(whole)
    mean, _, height, _ = whole.at(weight)
    params: dict[str, float] = dict(zip(PARAMS, (centre + scale * mean, weight), strict=True))
    log_likelihood = height - x.size * math.log(scale)
    covariance = None
    if x.size > 2:
        kept = (_without(parts, lot) for lot in range(min(GROUPS, x.size)))
        covariance = covariance_of([(scale * some.at(w)[0], w) for some in kept for w in (_best_weight(some),)])
    return Fit(
        model=NAME,
        params=params,
        standard_errors=None if covariance is None else errors_inside(params, covariance),
        covariance=None if covariance is None else covariance.tolist(),
        log_likelihood=log_likelihood,
        aic=2.0 * N_ESTIMATED - 2.0 * log_likelihood,
        bic=N_ESTIMATED * math.log(x.size) - 2.0 * log_likelihood,
        n=x.size,
        converged=True,
        gradient_norm=0.0,
        iterations=0,
        warnings=_warnings(x, weight),
    )


def _sums_by_lot(x: Vector, m: Vector) -> list[_Sums]:
    """Of the customers in each group of the jackknife."""
    distinct, at = np.unique(x, return_inverse=True)
    cells = lots(x.size) * distinct.size + at
    size = GROUPS * distinct.size
    n, of_m, squares = (
        np.bincount(cells, weights=amounts, minlength=size).reshape(GROUPS, -1) for amounts in (None, m, m * m)
    )
    return [_Sums(x=distinct, n=n[i].astype(np.float64), m=of_m[i], squares=squares[i]) for i in range(GROUPS)]


def _without(parts: list[_Sums], lot: int | None) -> _Sums:
    """The sums of all groups but one."""
    kept = [part for i, part in enumerate(parts) if i != lot]
    n = np.sum([part.n for part in kept], axis=0)
    some = n > 0.0
    m, squares = (np.sum([getattr(part, name) for part in kept], axis=0)[some] for name in ("m", "squares"))
    return _Sums(x=parts[0].x[some], n=n[some], m=m, squares=squares)


def _best_weight(sums: _Sums) -> float:
    """Where the likelihood is highest: of the ends, and of the points between where it turns from rising to falling.

    0 where all have the same x, or the same m: nothing tells own spend from chance.
    """
    if sums.x.size == 1:
        return 0.0
    grid = np.linspace(0.0, 1.0, CELLS + 1)
    slopes = [sums.at(float(weight))[3] for weight in grid]
    if any(math.isnan(slope) for slope in slopes):
        return 0.0
    turns = [i for i in range(CELLS) if slopes[i] > 0.0 >= slopes[i + 1]]
    from scipy.optimize import brentq  # costs more to import than most runs need

    peaks = [brentq(lambda w: sums.at(w)[3], grid[i], grid[i + 1], xtol=1e-15, rtol=1e-14) for i in turns]
    return max([0.0, *map(float, peaks), 1.0], key=lambda weight: sums.at(weight)[2])


def _warnings(x: Vector, weight: float) -> tuple[str, ...]:
    if x[0] == x[-1]:
        return ("repeat customers bought equally often, which does not tell own spend from chance: all get the mean",)
    if weight == 0.0:
        return ("customers' means differ no more than chance would have it: all get the mean",)
    if weight == 1.0:
        return (
            "customers' means vary no less with more purchases: each gets the own one, one-time buyers that of all",
        )
    return ()
