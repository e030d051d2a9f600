"""The cost of one more customer, against scipy's line."""

import numpy as np
import pytest
from scipy.stats import linregress, t

from whalecurve.engine.acquisition.marginal import marginal_of


def test_the_line_is_that_of_least_squares_and_its_interval_students():
    rng = np.random.default_rng(3)
    spend = rng.uniform(500.0, 3_000.0, 14)
    acquired = np.round(20 + 0.05 * spend + rng.normal(0.0, 8.0, 14)).astype(int)
    line = linregress(spend, acquired)
    reach = t.ppf(0.975, 12) * line.stderr
    found = marginal_of(spend.tolist(), acquired.tolist(), 0.95, 6)
    assert found.reason is None
    assert found.cost == pytest.approx(1.0 / line.slope)
    assert (found.low, found.high) == pytest.approx((1.0 / (line.slope + reach), 1.0 / (line.slope - reach)))


def test_a_slope_that_may_be_nothing_leaves_the_cost_without_an_end():
    found = marginal_of([1.0, 2.0, 3.0, 4.0], [10, 30, 5, 40], 0.95, 3)
    assert found.cost == pytest.approx(1.0 / linregress([1, 2, 3, 4], [10, 30, 5, 40]).slope)
    assert found.low < found.cost
    assert found.high is None
    assert found.reason == "that more spend brings more customers is not sure"


@pytest.mark.parametrize(
    ("spend", "acquired", "reason"),
    [
        ([1.0, 2.0], [1, 2], "fewer than 3 whole months with costs"),
        ([5.0, 0.0, 0.0, 7.0], [1, 2, 3, 4], "fewer than 3 whole months with costs"),
        ([1e7] * 5, [1, 2, 3, 4, 5], "spend did not vary"),
        ([0.0] * 5, [1, 2, 3, 4, 5], "fewer than 3 whole months with costs"),
        ([1.0, 2.0, 3.0, 4.0], [9, 7, 5, 3], "more spend did not go with more customers"),
    ],
)
def test_where_there_is_no_line_there_is_a_reason(spend, acquired, reason):
    found = marginal_of(spend, acquired, 0.95, 3)
    assert (found.cost, found.low, found.high, found.reason) == (None, None, None, reason)
