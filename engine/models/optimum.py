"""Maximum of a log-likelihood over positive parameters, from several starts, with its curvature."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from whalecurve.kernels.arrays import Matrix, Vector

Likelihood = Callable[[Vector], tuple[float, Vector, Matrix]]
"""Parameters -> log-likelihood, gradient and Hessian by the parameters themselves."""

GRADIENT_TOLERANCE = 1e-9  # of the mean log-likelihood by log parameters: far below what n customers can tell apart
MAX_ITERATIONS = 300
POLISHING_STEPS = 3
SINGULAR = 1e-14  # of the largest curvature: what is less is none, and cannot be divided by
FLAT = 1e-3  # of the tolerance: polished enough
REACH = 23.0  # |log parameter|: beyond 1e10 or below 1e-10 a parameter has run away


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimum:
    """The best point found. `hessian` is of the total log-likelihood by the log parameters."""

    params: Vector
    log_likelihood: float
    gradient_norm: float
    hessian: Matrix
    iterations: int
    converged: bool


def maximise(
    likelihood: Likelihood, starts: Sequence[Sequence[float]], n: float, *, tolerance: float = GRADIENT_TOLERANCE
) -> Optimum:
    """Climb from each start by Newton steps in a trust region; the highest point wins, the first among equals.

    `n` is the number of customers: tolerances are in log-likelihood per customer, so that they mean the same
    for a hundred customers and for ten million.
    """
    tops = [_climb(likelihood, np.log(np.asarray(start, dtype=np.float64)), n, tolerance) for start in starts]
    return max(tops, key=lambda top: top.log_likelihood)


def penalised(likelihood: Likelihood, l2: float) -> Likelihood:
    """The likelihood less `l2` times the sum of squared log parameters."""
    if l2 == 0.0:
        return likelihood

    def with_penalty(params: Vector) -> tuple[float, Vector, Matrix]:
        value, gradient, hessian = likelihood(params)
        logs = np.log(params)
        gradient = gradient - 2.0 * l2 * logs / params
        hessian = hessian - np.diag(2.0 * l2 * (1.0 - logs) / params**2)
        return value - l2 * float(logs @ logs), gradient, hessian

    return with_penalty


def _climb(likelihood: Likelihood, start: Vector, n: float, tolerance: float) -> Optimum:
    surface = _LogSurface(likelihood, n)
    result = minimize(
        surface.height,
        start,
        method="trust-exact",
        jac=surface.slope,
        hess=surface.curvature,
        options={"gtol": tolerance, "maxiter": MAX_ITERATIONS, "max_trust_radius": 4.0},
    )
    theta, norm = _polished(surface, np.asarray(result.x), tolerance * FLAT)
    return Optimum(
        params=np.exp(theta),
        log_likelihood=-surface.height(theta) * n,
        gradient_norm=norm,
        hessian=-surface.curvature(theta) * n,
        iterations=int(result.nit),
        converged=norm <= 1e3 * GRADIENT_TOLERANCE and bool((np.abs(theta) < REACH).all()),
    )


def _polished(surface: "_LogSurface", theta: Vector, flat: float) -> tuple[Vector, float]:
    """Plain Newton steps while they flatten the slope: heights alone cannot tell points this close apart."""
    norm = float(np.abs(surface.slope(theta)).max())
    for _ in range(POLISHING_STEPS):
        if norm <= flat:
            break
        curvature = surface.curvature(theta)
        curvatures = np.linalg.eigvalsh(curvature)
        if not curvatures[0] > SINGULAR * curvatures[-1]:
            break
        further = theta - np.linalg.solve(curvature, surface.slope(theta))
        further_norm = float(np.abs(surface.slope(further)).max())
        if not further_norm < norm or not np.isfinite(surface.height(further)):
            break
        theta, norm = further, further_norm
    return theta, norm


class _LogSurface:
    """Minus the mean log-likelihood over log parameters; value and derivatives of a point are computed once."""

    def __init__(self, likelihood: Likelihood, n: float) -> None:
        self._likelihood, self._n = likelihood, n
        self._at: Vector | None = None
        self._seen: tuple[float, Vector, Matrix] = (np.inf, np.zeros(0), np.zeros((0, 0)))

    def height(self, theta: Vector) -> float:
        return self._look(theta)[0]

    def slope(self, theta: Vector) -> Vector:
        return self._look(theta)[1]

    def curvature(self, theta: Vector) -> Matrix:
        return self._look(theta)[2]

    def _look(self, theta: Vector) -> tuple[float, Vector, Matrix]:
        if self._at is None or not np.array_equal(theta, self._at):
            self._at, self._seen = theta.copy(), self._compute(theta)
        return self._seen

    def _compute(self, theta: Vector) -> tuple[float, Vector, Matrix]:
        size = theta.shape[0]
        if not (np.abs(theta) <= REACH + 1.0).all():
            return np.inf, np.zeros(size), np.eye(size)
        params = np.exp(theta)
        value, gradient, hessian = self._likelihood(params)
        slope = gradient * params
        curvature = hessian * np.outer(params, params) + np.diag(slope)
        if not (np.isfinite(value) and np.isfinite(curvature).all()):
            return np.inf, np.zeros(size), np.eye(size)
        return -value / self._n, -slope / self._n, -curvature / self._n
