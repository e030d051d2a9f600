import statistics

import pytest

from whalecurve.engine.rolling import spread_of


def test_a_spread_is_that_of_the_values_that_are_known():
    values = [0.3, None, -0.1, 0.25, float("nan")]
    spread = spread_of(values)
    known = [0.3, -0.1, 0.25]
    assert spread.to_dict() == {
        "origins": 3,
        "mean": pytest.approx(statistics.mean(known), rel=1e-15),
        "standard_deviation": pytest.approx(statistics.stdev(known), rel=1e-14),
        "least": -0.1,
        "greatest": 0.3,
    }


def test_one_value_has_no_deviation_and_none_no_spread():
    assert spread_of([0.5]).standard_deviation is None
    assert spread_of([None]) is spread_of([]) is None
