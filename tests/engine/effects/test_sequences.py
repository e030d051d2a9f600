"""Confidence sequences."""

import math

import numpy as np
import pytest

from whalecurve.engine.effects import sequence_factor, sequence_p


def test_the_factor_is_that_of_the_formula_by_hand():
    """Waudby-Smith et al. (2024), equation (9), as the width of a mean: divided by σ/√n it is the factor."""
    n, alpha, tuned_for = 5_346, 0.05, 5_000
    rho = math.sqrt((-2 * math.log(alpha) + math.log(-2 * math.log(alpha) + 1)) / tuned_for)
    width = math.sqrt(2 * (n * rho**2 + 1) / (n**2 * rho**2) * math.log(math.sqrt(n * rho**2 + 1) / alpha))
    assert sequence_factor(n, alpha, tuned_for) == pytest.approx(width * math.sqrt(n), rel=1e-12)
    assert sequence_factor(n, alpha, tuned_for) == pytest.approx(3.035, abs=1e-3)


def test_the_p_value_is_the_level_at_which_the_interval_touches_nothing():
    for z in (2.0, 3.0, 5.0):
        p = sequence_p(z, 4_000)
        assert p == 1.0 or sequence_factor(4_000, p) == pytest.approx(z, rel=1e-9)
    assert sequence_p(0.1, 4_000) == 1.0


def test_looking_after_every_customer_gives_few_false_alarms():
    rng = np.random.default_rng(8)
    n = np.arange(1, 4_001)
    factors = np.array([sequence_factor(int(k), 0.05, 1_000) for k in n])
    walks = rng.standard_normal((1_000, n.size)).cumsum(axis=1) / np.sqrt(n)
    assert (np.abs(walks) > factors).any(axis=1).mean() <= 0.05
