"""Credibility with a mean that follows the frequency."""

import numpy as np
import pytest

from whalecurve.engine.models import depends_on_frequency, spend_model
from whalecurve.engine.models.credibility_fit import fit_credibility
from whalecurve.engine.models.spend_by_frequency import fit_by_frequency

MODEL = spend_model("frequency")


def drawn(seed, n, slope, between=20.0, within=15.0):
    """Frequency, mean of repeat purchases and first purchase of n customers whose means rise by `slope` with ln x."""
    rng = np.random.default_rng(seed)
    x = np.sort(rng.geometric(0.25, n)).astype(float)
    own = 50.0 + slope * np.log(x) + rng.normal(0.0, between, n)
    m = own + rng.normal(0.0, within, n) / np.sqrt(x)
    first = own + rng.normal(0.0, within, n)
    order = np.lexsort((first, m, x))
    return x[order], m[order], first[order]


@pytest.mark.parametrize("has_first", [True, False])
def test_a_planted_slope_is_found(has_first):
    x, m, first = drawn(1, 3_000, slope=12.0)
    fit = fit_by_frequency(x, m, first if has_first else None)
    for name, truth in {"mean": 50.0, "slope": 12.0, "weight": 400.0 / 625.0}.items():
        assert abs(fit.params[name] - truth) < 3.5 * fit.standard_errors[name]
    assert depends_on_frequency(fit)


def test_without_a_slope_it_is_credibility():
    x, m, first = drawn(2, 2_000, slope=0.0)
    fit, plain = fit_by_frequency(x, m, first), fit_credibility(x, m, first)
    assert not depends_on_frequency(fit)
    assert fit.params["weight"] == pytest.approx(plain.params["weight"], rel=0.01)
    assert fit.log_likelihood >= plain.log_likelihood - 1e-6


def test_the_line_is_that_of_weighted_least_squares():
    x, m, _ = drawn(3, 500, slope=8.0)
    fit = fit_by_frequency(x, m)
    mean, slope, weight = fit.values
    weights = 1.0 / (weight + (1.0 - weight) / x)
    left = m - mean - slope * np.log(x)
    assert (weights * left).sum() == pytest.approx(0.0, abs=1e-6 * m.sum())
    assert (weights * left * np.log(x)).sum() == pytest.approx(0.0, abs=1e-6 * m.sum())


def test_what_is_expected_is_the_average_of_the_own_mean_and_the_line():
    expected = MODEL.expected_value(np.array([0.0, 1.0, 4.0]), np.array([0.0, 80.0, 30.0]), 50.0, 10.0, 0.25)
    z = 4.0 * 0.25 / (0.25 * 4.0 + 0.75)
    line = 50.0 + 10.0 * np.log(4.0)
    assert expected == pytest.approx([50.0, 0.25 * 80.0 + 0.75 * 50.0, z * 30.0 + (1.0 - z) * line], rel=1e-12)
    assert np.isnan(MODEL.expected_value(np.nan, 1.0, 50.0, 10.0, 0.25))


def test_customers_of_one_frequency_have_no_slope():
    fit = fit_by_frequency(np.full(50, 2.0), np.linspace(1.0, 9.0, 50))
    assert fit.params["slope"] == 0.0
    assert not depends_on_frequency(fit)
    assert "equally often" in fit.warnings[0]
