"""Cumulative incidence against plain fractions, and its variance against resampling."""

from fractions import Fraction

import numpy as np
import pytest

from whalecurve.engine.statistics import cumulative_incidence


def test_shares_are_those_of_plain_fractions():
    ends = np.array([[3.0, 0.0, 2.0], [1.0, 4.0, 0.0]])
    at_risk = np.array([20.0, 14.0, 7.0])
    found = cumulative_incidence(ends, at_risk)
    left, so_far = Fraction(1), [Fraction(0), Fraction(0)]
    for t in range(3):
        for kind in (0, 1):
            so_far[kind] += left * Fraction(int(ends[kind, t]), int(at_risk[t]))
        left *= 1 - Fraction(int(ends[:, t].sum()), int(at_risk[t]))
        assert found.share[:, t] == pytest.approx([float(share) for share in so_far])
    assert found.share[:, 2].sum() + float(left) == pytest.approx(1.0)


def test_of_one_end_it_is_one_less_kaplan_meier_with_greenwoods_variance():
    ends, at_risk = np.array([[5.0, 3.0, 2.0]]), np.array([40.0, 30.0, 12.0])
    found = cumulative_incidence(ends, at_risk)
    survival = np.cumprod(1.0 - ends[0] / at_risk)
    greenwood = survival**2 * np.cumsum(ends[0] / (at_risk * (at_risk - ends[0])))
    assert found.share[0] == pytest.approx(1.0 - survival)
    assert found.variance[0] == pytest.approx(greenwood)


def test_the_variance_is_that_of_many_samples():
    rng, n = np.random.default_rng(1), 200
    samples, variances = [], []
    for _ in range(400):
        kind, age, last = rng.integers(0, 2, n), rng.geometric(0.2, n), rng.integers(1, 9, n)
        seen = np.minimum(age, last)
        ends = np.array([[np.sum((age == t) & (age <= last) & (kind == k)) for t in range(1, 9)] for k in (0, 1)])
        at_risk = np.array([np.sum(seen >= t) for t in range(1, 9)])
        found = cumulative_incidence(ends.astype(float), at_risk.astype(float))
        samples.append(found.share[:, 5])
        variances.append(found.variance[:, 5])
    assert np.mean(variances, axis=0) == pytest.approx(np.var(samples, axis=0), rel=0.2)


def test_nobody_at_risk_adds_nothing():
    found = cumulative_incidence(np.array([[1.0, 0.0]]), np.array([4.0, 0.0]))
    assert found.share[0].tolist() == [0.25, 0.25]
    assert np.isfinite(found.variance).all()
