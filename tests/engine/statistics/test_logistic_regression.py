"""Logistic regression against statsmodels, and where features tell all or nothing."""

import numpy as np
import pytest
import statsmodels.api as sm

from whalecurve.engine.statistics import fit_logistic


@pytest.fixture(scope="module")
def cases():
    """Features in units of their own, one of them of no consequence, and what happened."""
    rng = np.random.default_rng(4)
    features = np.column_stack([rng.normal(5.0, 2.0, 3_000), rng.exponential(100.0, 3_000), rng.normal(size=3_000)])
    log_odds = -1.0 + 0.4 * (features[:, 0] - 5.0) - 0.005 * features[:, 1]
    return features, rng.random(3_000) < 1.0 / (1.0 + np.exp(-log_odds))


def test_without_a_penalty_it_is_maximum_likelihood(cases):
    features, happened = cases
    theirs = sm.Logit(happened, sm.add_constant(features)).fit(disp=0, method="newton", tol=1e-12)
    ours = fit_logistic(features, happened, l2=0.0)
    assert ours.coefficients / ours.scale == pytest.approx(theirs.params[1:], rel=1e-8)
    assert ours.probabilities(features) == pytest.approx(theirs.predict(sm.add_constant(features)), rel=1e-8)


def test_a_penalty_is_of_coefficients_in_units_of_their_spread(cases):
    features, happened = cases
    scaled = (features - features.mean(axis=0)) / features.std(axis=0)
    fit = fit_logistic(features, happened, l2=50.0)
    p = fit.probabilities(features)
    gradient = scaled.T @ (happened - p) - 50.0 * fit.coefficients
    assert gradient == pytest.approx(np.zeros(3), abs=1e-7)
    assert (happened - p).sum() == pytest.approx(0.0, abs=1e-7)


def test_features_that_tell_all_have_finite_coefficients_and_constant_ones_none():
    x = np.arange(40.0)
    fit = fit_logistic(np.column_stack([x, np.ones(40)]), x >= 20.0)
    assert np.isfinite(fit.coefficients).all()
    assert fit.coefficients[1] == 0.0
    assert ((fit.probabilities(np.column_stack([x, np.ones(40)])) > 0.5) == (x >= 20.0)).all()
