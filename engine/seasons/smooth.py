r"""Smooth factors by week of the year from counts and what was expected of them: a penalised periodic log-rate.

With n_w purchases in week w and h_w expected of them without a season,

.. math:: n_w \sim \text{mean } \mu_w,\ \text{variance } \mu_w + \sigma^2\mu_w^2, \qquad
          \log\mu_w = \log h_w + \beta_0 + \beta_1 w + f_{j(w)}

j(w) being the week of the year. f goes around the year as a random walk with steps of one variance, so differences of
neighbouring weeks are penalised, and more where the data want less: their variance and \sigma^2, which promotions and
holidays that move make, are those of the greatest restricted likelihood (Patterson & Thompson 1971, Biometrika 58),
by penalised quasi-likelihood (Breslow & Clayton 1993, JASA 88, 9-25; Wood 2017, Generalized Additive Models, 6.2-6.5).
A trend \beta_1 that repeats itself in no year is none of the season's, and is set aside; so is the level \beta_0.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from whalecurve.engine.errors import NotIdentifiedError
from whalecurve.engine.seasons.year import PARTS, days_of_parts
from whalecurve.kernels.arrays import Int64, Matrix, Vector

ROUNDS, ENOUGH = 50, 1e-8
"""Of quasi-likelihood; a few do. The last is one that changes no log-rate by more."""

LEAST_EXPECTED = 0.5
"""Purchases expected in a week that counts."""

VARIANCES = (1e-6, 20.0)
"""Least and greatest variance that is looked for: of f over the year, and of a week around it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Smooth:
    """Log factors by week of the year, and how they came about.

    log_factors, standard_errors : float64[52]; the mean of the factors over the days of a year is one
    variance : of f over the year; dispersion : sigma^2; trend : beta_1, a year
    gain : twice the gain in restricted log-likelihood over no season at all
    weeks : how many counted; seen : int64[52], in how many years each week of the year was seen
    """

    log_factors: Vector
    standard_errors: Vector
    variance: float
    dispersion: float
    trend: float
    gain: float
    weeks: int
    seen: Int64


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weeks:
    """Weeks that count: what was counted and expected, the week of the year, and the middle in years."""

    n: Vector
    h: Vector
    part: Int64
    middle: Vector


def smoothed(counts: Vector, expected: Vector, parts: Int64) -> Smooth:
    """Smooth factors of daily counts over what is expected of each day, `parts` being their week of the year.

    Arrays of one length, a day each, in their order.

    Raises
    ------
    NotIdentifiedError
        Purchases are expected in too few weeks to make a year.
    """
    weeks = _weeks_of(counts, expected, parts)
    if weeks.n.size < PARTS:
        raise NotIdentifiedError(
            f"purchases are expected in {weeks.n.size} weeks of the log, and a season needs them in {PARTS}"
        )
    fixed = np.column_stack([np.ones(weeks.n.size), weeks.middle - weeks.middle.mean()])
    walk = _walk()
    design = np.column_stack([fixed, walk[weeks.part]])
    eta = np.full(weeks.n.size, math.log(max(float(weeks.n.sum()), 0.5) / float(weeks.h.sum())))
    point, n_rounds = np.log([0.05, 0.02]), 0
    while True:
        mu = weeks.h * np.exp(eta)
        response = eta + (weeks.n - mu) / mu
        solved = _best(response, mu, design, point)
        point, before = np.log([solved.variance, solved.dispersion]), eta
        eta = design @ solved.effects
        n_rounds += 1
        if n_rounds == ROUNDS or float(np.abs(eta - before).max()) <= ENOUGH:
            break
    without = _best(response, mu, fixed, point[1:])
    log_factors = walk @ solved.effects[2:]
    log_factors -= math.log(float(days_of_parts() @ np.exp(log_factors)) / float(days_of_parts().sum()))
    spread = walk @ solved.covariance[2:, 2:] @ walk.T
    return Smooth(
        log_factors=log_factors,
        standard_errors=np.sqrt(np.maximum(np.diag(spread), 0.0)),
        variance=solved.variance,
        dispersion=solved.dispersion,
        trend=float(solved.effects[1]),
        gain=max(2.0 * (solved.likelihood - without.likelihood), 0.0),
        weeks=weeks.n.size,
        seen=np.bincount(weeks.part, minlength=PARTS),
    )


def _weeks_of(counts: Vector, expected: Vector, parts: Int64) -> _Weeks:
    starts = np.flatnonzero(np.append(True, parts[1:] != parts[:-1]))
    n, h = np.add.reduceat(counts, starts), np.add.reduceat(expected, starts)
    ends = np.append(starts[1:], parts.size)
    middle = (starts + ends - 1) / 2.0 / 365.25
    kept = h >= LEAST_EXPECTED
    return _Weeks(n=n[kept], h=h[kept], part=parts[starts][kept], middle=middle[kept])


def _walk() -> Matrix:
    """float64[52, 51]: standard normal effects to a walk around the year of mean zero and variance one on average."""
    steps = np.eye(PARTS) - np.roll(np.eye(PARTS), 1, axis=0)
    roughness, waves = np.linalg.eigh(steps.T @ steps)
    walk: Matrix = waves[:, 1:] / np.sqrt(roughness[1:])  # the first wave is flat, and no season
    return walk / math.sqrt(float((walk**2).sum()) / PARTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Solved:
    """Fixed and random effects at the best variances, their covariance, and the restricted log-likelihood."""

    effects: Vector
    covariance: Matrix
    variance: float
    dispersion: float
    likelihood: float


def _best(response: Vector, mu: Vector, design: Matrix, start: Vector) -> _Solved:
    """The variances of the greatest restricted likelihood of a working response, whose own variance is 1 / mu."""
    from scipy.optimize import minimize  # as long to import as Polars

    def solved(logs: Vector) -> _Solved:
        dispersion = math.exp(logs[-1])
        variance = math.exp(logs[0]) if logs.size > 1 else 0.0
        return _equations(response, mu, design, variance, dispersion)

    def height(logs: Vector) -> float:
        return -solved(logs).likelihood

    low, high = (math.log(end) for end in VARIANCES)
    found: Any = minimize(
        height,
        list(np.clip(start, low, high)),
        method="L-BFGS-B",
        bounds=[(low, high)] * start.size,
        options={"ftol": 1e-13, "gtol": 1e-7},
    )
    return solved(found.x)


def _equations(response: Vector, mu: Vector, design: Matrix, variance: float, dispersion: float) -> _Solved:
    """Henderson's (1950) mixed model equations: two fixed effects, and random ones in the columns left."""
    weights = 1.0 / (1.0 / mu + dispersion)
    weighted = design * weights[:, None]
    n_random = design.shape[1] - 2
    precision = np.append([0.0, 0.0], np.full(n_random, 1.0 / variance if n_random else 0.0))
    root = np.linalg.cholesky(design.T @ weighted + np.diag(precision))
    inverse: Matrix = np.linalg.solve(root.T, np.linalg.solve(root, np.eye(design.shape[1]))).astype(np.float64)
    right = weighted.T @ response
    effects = inverse @ right
    left = float(response @ (weights * response) - right @ effects)
    logs = 2.0 * float(np.log(np.diag(root)).sum()) - float(np.log(weights).sum())
    if n_random:
        logs += n_random * math.log(variance)
    return _Solved(
        effects=effects,
        covariance=inverse,
        variance=variance,
        dispersion=dispersion,
        likelihood=-0.5 * (left + logs),
    )
