import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from whalecurve.kernels import credibility

law = settings(max_examples=150, deadline=None)
counts = st.integers(0, 3000).map(float)
money = st.floats(-1e6, 1e6)
weights = st.floats(0.0, 1.0)


def by_definition(x, m, mean, weight):
    """Mean + Z (m - mean), Z = x w / (1 + (x - 1) w), in rational numbers."""
    x, m, mean, weight = map(Fraction, (x, m, mean, weight))
    credibility_of_own = x * weight / (1 + (x - 1) * weight) if x else 0
    return mean + credibility_of_own * (m - mean)


@law
@given(counts, money, money, weights)
def test_agrees_with_rational_arithmetic(x, m, mean, weight):
    found = credibility.expected_value_one(x, m, mean, weight)
    assert found == pytest.approx(float(by_definition(x, m, mean, weight)), rel=1e-13, abs=1e-13 * (abs(m) + abs(mean)))


def test_customers_without_repeat_purchases_get_the_mean_and_those_with_many_their_own():
    assert credibility.expected_value_one(0.0, 0.0, 40.0, 0.5) == 40.0
    assert credibility.expected_value_one(1.0, 80.0, 40.0, 0.5) == 60.0
    assert credibility.expected_value_one(3.0, 80.0, 40.0, 0.5) == 70.0  # Z = 1.5 / 2
    assert credibility.expected_value_one(9.0, -80.0, 40.0, 1.0) == -80.0
    assert credibility.expected_value_one(9.0, -80.0, 40.0, 0.0) == 40.0
    assert credibility.expected_value_one(0.0, -80.0, 40.0, 1.0) == 40.0


@law
@given(counts, money, money, weights)
def test_what_is_expected_lies_between_the_customers_mean_and_everybodys(x, m, mean, weight):
    slack = 1e-13 * (abs(m) + abs(mean))
    assert min(m, mean) - slack <= credibility.expected_value_one(x, m, mean, weight) <= max(m, mean) + slack


@pytest.mark.parametrize(
    "arguments",
    [
        (-1.0, 1.0, 1.0, 0.5),
        (0.5, 1.0, 1.0, 0.5),
        (1.0, 1e91, 1.0, 0.5),
        (1.0, 1.0, math.inf, 0.5),
        (1.0, 1.0, 1.0, 1.1),
    ],
)
def test_outside_of_its_domain_there_is_no_answer(arguments):
    assert math.isnan(credibility.expected_value_one(*arguments))


def test_arrays_broadcast_and_other_compiled_code_can_call_it():
    @njit
    def caller(x, m):
        return credibility.expected_value_one(x, m, 40.0, 0.5)

    found = credibility.expected_value(np.array([0, 1, 3]), np.array([0.0, 80.0, 80.0]), 40.0, 0.5)
    assert found.tolist() == [caller(0.0, 0.0), caller(1.0, 80.0), caller(3.0, 80.0)] == [40.0, 60.0, 70.0]
