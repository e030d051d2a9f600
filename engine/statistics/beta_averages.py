"""Points and weights to average smooth functions of a probability that has a beta distribution."""

import math

import numpy as np

from whalecurve.kernels.arrays import Vector

NODES = 400


def beta_nodes(a: float, b: float, n: int = NODES) -> tuple[Vector, Vector]:
    """Return points of (0, 1) and weights that sum to 1, to average smooth functions under Beta(a, b).

    The trapezoidal rule in s, log(p / (1 − p)) being centre + width · sinh(s): the density then falls
    off doubly exponentially on both sides, for any shape (Takahasi & Mori 1974).
    """
    width = math.sqrt(1.0 / a + 1.0 / b)
    left, right = (
        9.0 * width + 40.0 / near + math.log1p(40.0 / far) for near, far in ((a, b), (b, a))
    )  # e^-40 is left
    steps = np.linspace(-math.asinh(left / width), math.asinh(right / width), n)
    log_odds = math.log(a / b) + width * np.sinh(steps)
    log_p, log_rest = -np.logaddexp(0.0, -log_odds), -np.logaddexp(0.0, log_odds)
    log_density = a * log_p + b * log_rest + np.log(np.cosh(steps))
    weights = np.exp(log_density - log_density.max())
    return np.exp(np.maximum(log_p, -700.0)), weights / weights.sum()
