"""sBG against its definition to fifty digits, published values, laws, and the edges of its domain."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import hyp2f1, mpf
from numba import njit

from tests.oracle import contracts as oracle
from whalecurve.kernels import sbg

REGULAR, HIGH_END = (0.704, 1.182), (0.668, 3.806)  # FH07, fitted to seven renewals of a thousand customers each
HARD = [
    (1e-8, 1.0),
    (1e-8, 1e8),
    (1e8, 1e-3),
    (1e5, 1e9),
    (0.5, 1e-12),
    (300.0, 0.25),
    (3.0, 2e4),
]
law = settings(max_examples=60, deadline=None)
shapes = st.tuples(st.floats(1e-2, 1e2), st.floats(1e-2, 1e2))
ages = st.integers(0, 500).map(float)


@pytest.mark.parametrize("params", [REGULAR, HIGH_END, *HARD])
@pytest.mark.parametrize("t", [0, 1, 2, 7, 100, 1_000_000])
def test_agrees_with_fifty_digits(t, params):
    for name in ("survival", "retention", "pmf"):
        if t or name == "survival":
            exact = getattr(oracle, name)(t, *params)
            value = getattr(sbg, f"{name}_one")(float(t), *params)
            # the logarithm is a difference of log-gammas of this size
            rounding = 1e-15 * params[0] * math.log(2.0 + params[1] + t)
            assert value == pytest.approx(float(exact), rel=1e-12 + rounding, abs=1e-300), (name, t, params)


@pytest.mark.parametrize("params", [REGULAR, HIGH_END, (2.0, 5.0)])
def test_agrees_with_the_integral_over_customers(params):
    for t in (1, 3, 12):
        exact = oracle.survival_by_integral(t, *params)
        assert sbg.survival_one(float(t), *params) == pytest.approx(float(exact), rel=1e-9)


@pytest.mark.parametrize("discount", [1e-9, 1e-3, 0.1, 3.0, 1e6])
@pytest.mark.parametrize("params", [REGULAR, HIGH_END, (0.5, 1e-12), (1e-4, 1e-4), (40.0, 3.0), (1.5, 300.0)])
def test_residual_lifetime_is_the_hypergeometric_function_of_the_paper(discount, params):
    a, b = map(mpf, params)
    for t in (0, 5, 400):
        z = 1 / (1 + mpf(discount))
        exact = (b + t) / (a + b + t) * z * hyp2f1(1, b + t + 1, a + b + t + 1, z)
        value = sbg.derl_one(discount, float(t), *params)
        assert value == pytest.approx(float(exact), rel=1e-12), (discount, t, params)


def test_residual_lifetime_is_the_sum_of_payments():
    assert sbg.derl_one(0.1, 0.0, *REGULAR) == pytest.approx(float(oracle.derl(0.1, 0, *REGULAR)), rel=1e-12)
    assert sbg.derl_one(0.05, 7.0, *HIGH_END) == pytest.approx(float(oracle.derl(0.05, 7, *HIGH_END)), rel=1e-12)


def test_without_a_discount_it_is_a_mean_where_there_is_one():
    assert sbg.derl_one(0.0, 3.0, 2.0, 5.0) == pytest.approx(8.0)
    assert sbg.derl_one(1e-12, 3.0, 2.0, 5.0) == pytest.approx(8.0, rel=1e-6)
    assert math.isnan(sbg.derl_one(0.0, 3.0, 1.0, 5.0))


def test_published_estimates_follow_the_survival_that_they_were_fitted_to():
    """FH07, table 1: customers left of a thousand after each of seven renewals."""
    t = np.arange(1.0, 8.0)
    assert 1000.0 * sbg.survival(t, *REGULAR) == pytest.approx([631, 468, 382, 326, 289, 262, 241], abs=7.0)
    assert 1000.0 * sbg.survival(t, *HIGH_END) == pytest.approx([869, 743, 653, 593, 551, 517, 491], abs=20.0)


@law
@given(ages, shapes)
def test_survival_falls_and_retention_rises(t, params):
    assert 0.0 <= sbg.survival_one(t + 1.0, *params) <= sbg.survival_one(t, *params) <= 1.0
    assert 0.0 <= sbg.retention_one(t + 1.0, *params) <= sbg.retention_one(t + 2.0, *params) <= 1.0


@law
@given(st.integers(1, 300), shapes)
def test_who_left_and_who_stays_are_all(t, params):
    left = math.fsum(sbg.pmf(np.arange(1.0, t + 1.0), *params))
    assert left + sbg.survival_one(float(t), *params) == pytest.approx(1.0, rel=1e-12)


@law
@given(st.floats(1e-3, 2.0), ages, shapes)
def test_residual_lifetime_is_that_of_the_next_age_and_a_payment(discount, t, params):
    now, later = (sbg.derl_one(discount, age, *params) for age in (t, t + 1.0))
    renews = sbg.retention_one(t + 1.0, *params)
    assert now == pytest.approx(renews / (1.0 + discount) * (1.0 + later), rel=1e-11)


@pytest.mark.parametrize(
    "arguments",
    [
        (-1.0, 1.0, 1.0),
        (0.5, 1.0, 1.0),
        (1.0, 0.0, 1.0),
        (1.0, 1.0, -1.0),
        (math.nan, 1.0, 1.0),
        (1.0, math.inf, 1.0),
        (1e8, 1.0, 1.0),
    ],
)
def test_what_cannot_be_is_nan(arguments):
    with np.errstate(all="raise"):
        for function in (sbg.survival, sbg.retention, sbg.pmf, sbg.log_survival):
            assert math.isnan(function(*arguments))
        assert math.isnan(sbg.derl(0.1, *arguments))
        assert math.isnan(sbg.derl(-0.1, 1.0, 1.0, 1.0))
        assert math.isnan(sbg.retention(0.0, 1.0, 1.0))


@njit
def _inside(t, a, b):
    return sbg.survival(t, a, b), sbg.retention(t, a, b), sbg.pmf(t, a, b), sbg.derl(0.1, t, a, b)


def test_ufuncs_take_arrays_and_scalars_inside_compiled_code():
    t = np.arange(1.0, 5.0)
    assert sbg.survival(t, *REGULAR).tolist() == [sbg.survival_one(age, *REGULAR) for age in t]
    names = ("survival", "retention", "pmf")
    expected = [getattr(sbg, f"{name}_one")(3.0, *REGULAR) for name in names]
    assert _inside(3.0, *REGULAR) == (*expected, sbg.derl_one(0.1, 3.0, *REGULAR))
