"""The chance of something by what is known of each case: logistic regression, lightly penalised."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whalecurve.kernels.arrays import Matrix, Vector

ROUNDS = 100
"""Newton steps, at most: a dozen do unless features all but tell who is who, where the penalty ends the climb."""

LEAST_STEP = 1e-10
"""A step that changes no coefficient by more is the last."""

HALVINGS = 40
"""Of a step that leads down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogisticFit:
    """log odds = intercept + Σ coefficients · (features − centre) / scale; of a feature that does not vary, 0."""

    intercept: float
    coefficients: Vector
    centre: Vector
    scale: Vector

    def probabilities(self, features: Matrix) -> Vector:
        """float64[n] of features [n, k]."""
        log_odds = np.full(features.shape[0], self.intercept)
        for j, coefficient in enumerate(self.coefficients):
            log_odds += coefficient * (features[:, j] - self.centre[j]) / self.scale[j]
        return _shares(log_odds)


def fit_logistic(features: Matrix, happened: NDArray[np.bool_], *, l2: float = 1.0) -> LogisticFit:
    """The coefficients of features in units of their standard deviations that make likeliest what happened.

    The log-likelihood is taken less l2 / 2 · Σ coefficients², the intercept left out: a normal prior, of the weight of
    a few cases, by which there is a maximum even where features tell all (le Cessie & van Houwelingen 1992, Applied
    Statistics 41). By Newton's method. Sums are pairwise and of one thread: the same cases in the same order give the
    same bits on any number of cores.

    Parameters
    ----------
    features : float64[n, k], finite
    happened : bool[n]
    """
    centre, spread = features.mean(axis=0), features.std(axis=0)
    scale = np.where(spread > 0.0, spread, 1.0)
    columns = [np.ones(features.shape[0]), *((features[:, j] - centre[j]) / scale[j] for j in range(features.shape[1]))]
    penalty = np.array([0.0, *([l2] * features.shape[1])])
    found = np.zeros(len(columns))
    share = float(np.clip(happened.mean(), 1e-6, 1.0 - 1e-6))
    found[0] = np.log(share / (1.0 - share))
    height = _height(columns, happened, found, penalty)
    for _ in range(ROUNDS):
        step, ahead = _step(columns, happened, found, penalty), height
        for _ in range(HALVINGS):
            ahead = _height(columns, happened, found + step, penalty)
            if ahead >= height:
                break
            step = step / 2.0
        found, height = found + step, ahead
        if float(np.abs(step).max()) <= LEAST_STEP:
            break
    return LogisticFit(intercept=float(found[0]), coefficients=found[1:], centre=centre, scale=scale)


def _log_odds(columns: list[Vector], found: Vector) -> Vector:
    log_odds = np.full(columns[0].size, found[0])
    for column, coefficient in zip(columns[1:], found[1:], strict=True):
        log_odds += coefficient * column
    return log_odds


def _height(columns: list[Vector], happened: NDArray[np.bool_], found: Vector, penalty: Vector) -> float:
    log_odds = _log_odds(columns, found)
    likelihood = np.where(happened, log_odds, 0.0) - np.logaddexp(0.0, log_odds)
    return float(likelihood.sum() - (penalty * found**2).sum() / 2.0)


def _step(columns: list[Vector], happened: NDArray[np.bool_], found: Vector, penalty: Vector) -> Vector:
    p = _shares(_log_odds(columns, found))
    residual, weight = happened - p, p * (1.0 - p)
    gradient = np.array([float((column * residual).sum()) for column in columns]) - penalty * found
    k = len(columns)
    curvature = np.diag(penalty)
    for i in range(k):
        weighted = columns[i] * weight
        for j in range(i, k):
            total = float((weighted * columns[j]).sum())
            curvature[i, j] += total
            if j > i:
                curvature[j, i] += total
    return np.linalg.solve(curvature, gradient).astype(np.float64, copy=False)


def _shares(log_odds: Vector) -> Vector:
    """1 / (1 + exp(−log odds)), without overflow."""
    part = np.exp(-np.abs(log_odds))
    return np.where(log_odds >= 0.0, 1.0, part) / (1.0 + part)
