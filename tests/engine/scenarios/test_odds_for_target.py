"""The factor on odds at which a growing function has a value."""

import math

import pytest

from whalecurve.engine.scenarios.odds_for_target import factor_for


@pytest.mark.parametrize("wanted", [0.2, 0.5, 0.8, 0.99])
def test_the_function_has_the_value_there(wanted):
    share = lambda odds: odds / (1.0 + odds)
    assert factor_for(share, wanted) == pytest.approx(wanted / (1.0 - wanted), rel=1e-8)


def test_a_value_that_is_had_already_needs_no_change():
    assert factor_for(math.log, 0.0) == 1.0


@pytest.mark.parametrize("wanted", [-0.1, 1.0, 2.0])
def test_a_value_beyond_reach_is_nowhere(wanted):
    assert factor_for(lambda odds: odds / (1.0 + odds), wanted) is None
