"""Maximum of a log-likelihood over positive parameters, from several starts, with its curvature."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from whalecurve.kernels.arrays import Matrix, Vector

Likelihood = Callable[[Vector], tuple[float, Vector, Matrix]]
"""Parameters -> log-likelihood, gradient and Hessian by the parameters themselves."""

GRADIENT_TOLERANCE = 1e-9  # of the mean log-likelihood by log parameters: far below what n customers can tell apart
MAX_ITERATIONS = 300
CONVERGED = 1e3  # times the tolerance: a climb that is idle, or cannot be polished, ends a little above it
POLISHING_STEPS = 3
SINGULAR = 1e-14  # of the largest curvature: what is less is none, and cannot be divided by
MAX_RADIUS, LEAST_RADIUS = 4.0, 1e-16  # of the trust region, in log parameters
LITTLE, MUCH, ENOUGH = 0.25, 0.75, 0.15  # of the descent that the model foretells
NOTHING, IDLE_STEPS = 1e-13, 12  # of log-likelihood per customer, in so many steps one after the other: it is flat
SHIFTS, LEAST_SHIFT = 100, 1e-300
POLISHED = 1e-3  # of the tolerance: flat enough
LONGEST_POLISHING = 0.5  # a longer step, in log parameters, is none: it runs along what is flat
REACH = 23.0  # |log parameter|: beyond 1e10 or below 1e-10 a parameter has run away


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimum:
    """The highest point reached. `hessian` is of the total log-likelihood by the log parameters."""

    params: Vector
    log_likelihood: float
    gradient_norm: float
    hessian: Matrix
    iterations: int
    converged: bool

    @property
    def covariance(self) -> Matrix | None:
        """Of the log parameters, by the inverse Hessian; None where that is no covariance: the point is no peak."""
        try:
            inverse: Matrix = -np.linalg.inv(self.hessian).astype(np.float64, copy=False)
            np.linalg.cholesky(inverse)  # a covariance has one
            is_peak = bool((np.linalg.eigvalsh(-self.hessian) > 0.0).all() and np.isfinite(inverse).all())
        except np.linalg.LinAlgError:
            return None
        return inverse if is_peak else None

    @property
    def convergence_warnings(self) -> tuple[str, ...]:
        """What a reader should know of a climb that reached no peak; nothing where it did."""
        if self.converged:
            return ()
        return (
            f"the fit did not fully converge (gradient {self.gradient_norm:.2g}): a parameter hit its limit; read CLV "
            f"with caution",
        )


def derivatives_of(sums: Vector, size: int) -> tuple[float, Vector, Matrix]:
    """Log-likelihood, gradient and Hessian by so many parameters, from a row of sums of `kernels.likelihoods`."""
    hessian = np.zeros((size, size))
    rows, columns = np.triu_indices(size)
    hessian[rows, columns] = sums[1 + size :]
    hessian[columns, rows] = sums[1 + size :]
    return float(sums[0]), sums[1 : 1 + size], hessian


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
    theta, steps = _descended(surface, start, tolerance)
    theta, norm = _polished(surface, theta, tolerance * POLISHED)
    height = surface.height(theta)
    is_inside = bool(np.isfinite(height) and (np.abs(theta) < REACH).all())
    return Optimum(
        params=np.exp(theta),
        log_likelihood=-height * n,
        gradient_norm=norm,
        hessian=-surface.curvature(theta) * n,
        iterations=steps,
        converged=norm <= CONVERGED * GRADIENT_TOLERANCE and is_inside,
    )


def _descended(surface: "_LogSurface", theta: Vector, tolerance: float) -> tuple[Vector, int]:
    """Newton steps in a trust region that grows and shrinks as the model of the surface proves right or wrong.

    Nocedal & Wright, Numerical Optimization (2nd ed.), algorithm 4.1. `scipy.optimize`, which has the same method,
    takes longer to import than a small log takes to score.

    Returns
    -------
    float64[k], int
        The point, and how many steps were tried.
    """
    radius, idle = 1.0, 0
    for tried in range(MAX_ITERATIONS):
        slope, curvature = surface.slope(theta), surface.curvature(theta)
        if np.linalg.norm(slope) < tolerance:
            return theta, tried
        step = newton_step(slope, curvature, radius)
        expected = -float(slope @ step + 0.5 * step @ curvature @ step)
        if not (expected > 0.0 and radius > LEAST_RADIUS) or idle == IDLE_STEPS:  # as low as numbers can tell
            return theta, tried
        descent = surface.height(theta) - surface.height(theta + step)
        agreement, idle = descent / expected, idle + 1 if descent < NOTHING else 0
        is_long = bool(np.linalg.norm(step) >= radius * (1.0 - 1e-9))
        if not agreement >= LITTLE:
            radius *= 0.25
        elif agreement > MUCH and is_long:
            radius = min(2.0 * radius, MAX_RADIUS)
        if agreement > ENOUGH:
            theta = theta + step
    return theta, MAX_ITERATIONS


def newton_step(slope: Vector, curvature: Matrix, radius: float) -> Vector:
    """The step of at most this length to the lowest point of the quadratic model, saddles and ridges included.

    It solves (H + shift I) step = -slope with the least shift that leaves no negative curvature and keeps the length:
    Moré & Sorensen (1983), SIAM J. Sci. Stat. Comput. 4(3), by the eigenvectors of H, since there are few parameters.
    """
    curvatures, axes = np.linalg.eigh(curvature)
    step: Vector = axes @ _step_along(axes.T @ slope, curvatures, radius)
    return step


def _step_along(along: Vector, curvatures: Vector, radius: float) -> Vector:
    """The same along the axes of the curvature, the lowest first."""
    least, edge = float(curvatures[0]), SINGULAR * float(np.abs(curvatures).max())
    if least > edge:
        step: Vector = -along / curvatures
        if np.linalg.norm(step) <= radius:
            return step
    lifted = curvatures - min(least, 0.0)  # none below 0, and the lowest exactly 0 if it was
    lowest = lifted - lifted[0] <= edge
    if not np.any(along[lowest] != 0.0):  # no slope along the lowest axis: the length is made up along it
        step = np.where(lowest, 0.0, -along / np.where(lowest, 1.0, lifted))
        missing = radius**2 - float(step @ step)
        if missing >= 0.0:
            step[0] = np.sqrt(missing) if least < 0.0 else 0.0
            return step
    step = -along / (lifted + _shift(along, lifted, radius))
    return step * min(1.0, radius / float(np.linalg.norm(step)))


def _shift(along: Vector, lifted: Vector, radius: float) -> float:
    """The shift at which the step has the length of the radius: Newton's method on 1 / length, kept in a bracket.

    It is above 0, and added to curvatures that are not below it, so that nothing is divided by 0.
    """
    low, high = 0.0, max(float(np.linalg.norm(along)) / radius, LEAST_SHIFT)
    shift = high
    for _ in range(SHIFTS):
        step = along / (lifted + shift)
        length = float(np.linalg.norm(step))
        if abs(length - radius) <= 1e-12 * radius or length == 0.0:
            break
        low, high = (shift, high) if length > radius else (low, shift)
        change = (length - radius) / radius / float((step / length) ** 2 @ (1.0 / (lifted + shift)))
        shift = shift + change if low < shift + change < high else 0.5 * (low + high)
    return max(shift, LEAST_SHIFT)


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
        step = np.linalg.solve(curvature, surface.slope(theta))
        if not np.abs(step).max() <= LONGEST_POLISHING:
            break
        further = theta - step
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
