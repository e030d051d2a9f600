"""Spend that depends on how often customers buy: credibility with a mean that follows the frequency.

Gamma-Gamma and credibility take own means and frequency for independent. Where those who buy often spend more of a
purchase, or less, they expect the same of every new customer and shrink all towards one mean. Here own means are
spread around mean + slope ln x, x being the repeat purchases: a line in ln x has one number more, so that few customers
of high frequency do not decide by themselves. Slope and mean are by weighted least squares with the variance that a
customer's mean has under credibility, 1 / (w + (1 - w) / x) (Buhlmann & Gisler 2005, A Course in Credibility Theory,
ch. 8: the credibility regression model of Hachemeister, with a fixed slope); the weight w is that of `credibility_fit`
once m and the first purchases are taken off their lines, both in turns until the slope stays. Standard errors are those
of the grouped jackknife, see `statistics.jackknife`.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from whalecurve.engine.models.credibility_fit import best_weight
from whalecurve.engine.models.fitted_model import Fit, information_criteria
from whalecurve.engine.models.mean_and_weight import EQUAL_COUNTS, NO_SPREAD, fit_of, refuse_too_few
from whalecurve.engine.models.spend_sums import ScaledSpend, SpendSums
from whalecurve.kernels.arrays import Vector

NAME = "frequency"
PARAMS = ("mean", "slope", "weight")
"""Of customers with one repeat purchase, and by ln x, in currency; the credibility of one purchase, from 0 to 1."""

ROUNDS, SAME = 20, 1e-7
"""Of slope and weight in turns, and the change in spreads of spend that is none; a few rounds do."""

Line = tuple[float, float, float]


def fit_by_frequency(x: Vector, m: Vector, first: Vector | None = None) -> Fit:
    """The line of means by frequency, and the credibility of one purchase.

    Parameters
    ----------
    x, m, first : float64[n]
        As `fit_credibility` takes them.

    Raises
    ------
    NotIdentifiedError
        Fewer than two customers.
    """
    refuse_too_few(x.size)
    scaled = ScaledSpend.of(x, m, first)
    whole, centre, scale = scaled.whole, scaled.centre, scaled.scale
    (mean, slope, weight), height = _estimates(whole)
    log_likelihood = scaled.log_likelihood(height)
    without = [_estimates(sums, weight)[0] for sums in scaled.without_each_lot()]
    n_estimated = whole.n_estimated + (2 if whole.has_first else 1)
    return fit_of(
        NAME,
        (centre + scale * mean, scale * slope, weight),
        [(scale * other_mean, scale * other_slope, other) for other_mean, other_slope, other in without],
        n=x.size,
        warnings=_warnings(whole, weight),
        names=PARAMS,
        log_likelihood=log_likelihood,
        **information_criteria(log_likelihood, n_estimated, x.size),
    )


def depends_on_frequency(fit: Fit) -> bool:
    """Whether the slope is not 0 by more than twice its standard error."""
    error = (fit.standard_errors or {}).get("slope")
    return error is not None and abs(fit.params["slope"]) > 2.0 * error


def _estimates(sums: SpendSums, weight: float = 0.5) -> tuple[Line, float]:
    """Mean, slope and weight, the greatest weight standing for 1; the log-likelihood of what is off the lines.

    The weight that is given is where the turns begin.
    """
    u, slope, flat = np.log(sums.x), 0.0, sums
    for _ in range(ROUNDS):
        before, slope = slope, _slope(u, sums.n / (weight + (1.0 - weight) / sums.x), sums.m / sums.n)
        flat = _off_the_line(sums, u, slope)
        weight = best_weight(flat)
        if abs(slope - before) <= SAME:
            break
    best = flat.at(weight)
    return (best.mean, slope, 1.0 if weight == sums.greatest else weight), best.height


def _slope(u: Vector, weights: Vector, means: Vector) -> float:
    """By weighted least squares; 0 where all have one frequency."""
    apart = u - float((weights * u).sum() / weights.sum())
    spread = float((weights * apart**2).sum())
    return float((weights * apart * means).sum()) / spread if spread > 0.0 else 0.0


def _off_the_line(sums: SpendSums, u: Vector, slope: float) -> SpendSums:
    """The sums of m less slope u, and of first purchases less a slope of their own: what customers differ by else."""
    moved = slope * u
    changed: dict[str, Any] = {"m": sums.m - sums.n * moved, "mm": sums.mm - 2.0 * moved * sums.m + sums.n * moved**2}
    if sums.has_first:
        own = _slope(u, sums.n, sums.f / sums.n) * u
        changed["f"] = sums.f - sums.n * own
        changed["ff"] = sums.ff - 2.0 * own * sums.f + sums.n * own**2
        changed["fm"] = sums.fm - own * sums.m - moved * sums.f + sums.n * own * moved
    return replace(sums, **changed)


def _warnings(sums: SpendSums, weight: float) -> tuple[str, ...]:
    if sums.x.size == 1:
        return (EQUAL_COUNTS,) if not sums.has_first else ()
    return (NO_SPREAD,) if weight == 0.0 else ()
