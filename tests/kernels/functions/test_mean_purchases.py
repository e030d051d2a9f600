"""Mean purchases: no seam at a = 1, two methods that agree, and bounds at extreme parameters."""

import itertools
import math

import numpy as np
import pytest

from whalecurve.kernels.functions import mean_purchases


@pytest.mark.parametrize("step", [1e-15, 1e-12, 1e-9, 1e-6, 1e-3])
@pytest.mark.parametrize(("y", "r", "b"), [(0.5, 0.243, 2.4), (9.0, 1002.0, 1003.0), (300.0, 0.1, 0.2)])
def test_nothing_happens_where_a_passes_one(step, y, r, b):
    below, at, above = (mean_purchases.mean_purchases(y, r, a, b) for a in (1.0 - step, 1.0, 1.0 + step))
    assert above <= at * (1.0 + 1e-15) <= below * (1.0 + 2e-15)
    assert (below - above) / at <= 10.0 * step + 1e-14


SCALES = [1e-3, 0.1, 1.0, 30.0]


def test_the_series_and_the_quadrature_are_one_function():
    pairs = [
        (mean_purchases._mean_by_series(y, r, a, b), mean_purchases._mean_by_quadrature(y, r, a, b))
        for y, r, a, b in itertools.product([1e-6, 0.3, 1.0, 30.0], SCALES, SCALES, [0.1, 1.0, 30.0, 5e3])
        if a + b >= 1.0 and r <= 2.0 * (a + b) - 1.0 and a * y < 100.0
    ]
    assert len(pairs) > 100
    series, quadrature = np.array(pairs).T
    np.testing.assert_allclose(series, quadrature, rtol=1e-13)


@pytest.mark.parametrize("r", [1e-8, 1e8])
@pytest.mark.parametrize("a", [1e-8, 1e8])
@pytest.mark.parametrize("b", [1e-8, 1e8])
@pytest.mark.parametrize("y", [1e-10, 1e-3, 1e3, 1e10])
def test_mean_purchases_lies_within_its_bounds_at_extreme_parameters(y, r, a, b):
    mean = mean_purchases.mean_purchases(y, r, a, b)
    at_least_one = -math.expm1(-r * math.log1p(y))
    never_leaves = r * y
    assert at_least_one * (1.0 - 1e-13) <= mean <= never_leaves * (1.0 + 1e-13)
