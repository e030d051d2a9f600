"""Log-likelihoods of sBG and BdW with their derivatives, from counts at each renewal.

Of n_i customers who were there before the i-th renewal, m_i renewed and l_i left, so that (Fader & Hardie 2007,
appendix A, with contracts that still run) log L = Σ m_i log r_i + l_i log (1 − r_i): censoring needs nothing more.
"""

import numpy as np

from whalecurve.engine.models import Likelihood
from whalecurve.kernels.arrays import Matrix, Vector


def sbg_likelihood(renewed: Vector, left: Vector) -> Likelihood:
    """Of parameters a and b.

    Parameters
    ----------
    renewed, left
        By renewal, the first one first: float64[n].
    """
    i = np.arange(renewed.size, dtype=np.float64)
    n = renewed + left

    def likelihood(params: Vector) -> tuple[float, Vector, Matrix]:
        a, b = (float(value) for value in params)
        stays, all_ = b + i, a + b + i
        value = float((renewed * np.log(stays) + left * np.log(a) - n * np.log(all_)).sum())
        every, by_b = float((n / all_).sum()), float((renewed / stays).sum())
        gradient = np.array([left.sum() / a - every, by_b - every])
        squares = float((n / all_**2).sum())
        hessian = np.array(
            [[squares - left.sum() / a**2, squares], [squares, squares - float((renewed / stays**2).sum())]]
        )
        return value, gradient, hessian

    return likelihood


def bdw_likelihood(renewed: Vector, left: Vector) -> Likelihood:
    """Of parameters a, b and c; log r_i is φ(i^c) − φ((i − 1)^c), φ(u) = log Γ(b + u) − log Γ(a + b + u)."""
    ages = np.arange(renewed.size + 1, dtype=np.float64)
    logs = np.log(np.maximum(ages, 1.0))

    def likelihood(params: Vector) -> tuple[float, Vector, Matrix]:
        from scipy.special import digamma, gammaln, polygamma  # takes as long to import as Polars

        a, b, c = (float(value) for value in params)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            u = np.where(ages > 0.0, np.exp(c * logs), 0.0)
            first, second = u * logs, u * logs * logs  # derivatives of u by c
            stays, all_ = b + u, a + b + u
            log_r = np.minimum(np.diff(gammaln(stays) - gammaln(all_)), 0.0)
            odds = 1.0 / np.expm1(-log_r)  # r / (1 − r)
            value = float((renewed * log_r + left * np.log(-np.expm1(log_r))).sum())
            of_all, of_both = -digamma(all_), digamma(stays) - digamma(all_)
            by = np.array([np.diff(of_all), np.diff(of_both), np.diff(of_both * first)])
            all_2, both_2 = -polygamma(1, all_), polygamma(1, stays) - polygamma(1, all_)
            twice = np.empty((3, 3, renewed.size))
            twice[0, 0] = twice[0, 1] = twice[1, 0] = np.diff(all_2)
            twice[1, 1] = np.diff(both_2)
            twice[0, 2] = twice[2, 0] = np.diff(all_2 * first)
            twice[1, 2] = twice[2, 1] = np.diff(both_2 * first)
            twice[2, 2] = np.diff(both_2 * first * first + of_both * second)
            slope, bend = renewed - left * odds, -left * odds * (1.0 + odds)
            gradient = by @ slope
            hessian = twice @ slope + (by * bend) @ by.T
        if not (np.isfinite(value) and np.isfinite(gradient).all() and np.isfinite(hessian).all()):
            return -np.inf, np.zeros(3), -np.eye(3)  # a power that is no number, or nobody who could leave
        return value, gradient, hessian

    return likelihood
