"""Which arm is best."""

import numpy as np
import pytest
from scipy import stats

from whalecurve.engine.effects import ArmMean, chances_of_best


def arm(mean, error):
    return ArmMean(mean=mean, variance=error**2, degrees=100.0, n=101)


def test_the_chance_of_being_best_is_that_of_draws():
    arms = [arm(1.0, 0.5), arm(1.3, 0.4), arm(0.2, 1.0)]
    draws = np.random.default_rng(0).normal([1.0, 1.3, 0.2], [0.5, 0.4, 1.0], (400_000, 3))
    expected = np.bincount(draws.argmax(axis=1), minlength=3) / 400_000
    assert chances_of_best(arms) == pytest.approx(expected.tolist(), abs=0.003)


def test_of_two_arms_it_is_the_one_sided_probability():
    assert chances_of_best([arm(0.0, 3.0), arm(5.0, 4.0)])[1] == pytest.approx(stats.norm.cdf(1.0), abs=1e-6)


def test_arms_that_do_not_vary_are_certain():
    assert chances_of_best([arm(1.0, 0.0), arm(2.0, 0.0)]) == [0.0, 1.0]
    assert chances_of_best([arm(1.0, 0.0), arm(1.0, 0.0)]) == [0.5, 0.5]
