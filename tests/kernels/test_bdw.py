"""BdW against its definition to fifty digits, laws, and the edges of its domain."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from tests.oracle import contracts as oracle
from whalecurve.kernels import bdw, sbg

USUAL = [(0.7, 1.2, 1.0), (0.26, 1.72, 1.58), (2.5, 40.0, 0.6), (1.5, 0.3, 1.2)]
HARD = [(1e-8, 1.0, 0.5), (1e-8, 1e8, 2.0), (1e6, 1e-3, 0.3), (300.0, 0.25, 1e-3), (0.01, 2e4, 3.0), (5.0, 1e-12, 0.9)]
law = settings(max_examples=60, deadline=None)
parameters = st.tuples(st.floats(1e-2, 1e2), st.floats(1e-2, 1e2), st.floats(0.1, 3.0))
ages = st.integers(0, 500).map(float)


@pytest.mark.parametrize("params", [*USUAL, *HARD])
@pytest.mark.parametrize("t", [0, 1, 2, 7, 100, 1_000_000])
def test_survival_and_retention_agree_with_fifty_digits(t, params):
    exact = oracle.survival(t, *params)
    assert bdw.survival_one(float(t), *params) == pytest.approx(float(exact), rel=1e-11, abs=1e-300)
    if t and exact > 1e-290:
        assert bdw.retention_one(float(t), *params) == pytest.approx(float(oracle.retention(t, *params)), rel=1e-11)


@pytest.mark.parametrize("params", USUAL)
@pytest.mark.parametrize("t", [1, 2, 7, 100])
def test_the_share_who_leave_agrees_with_fifty_digits(t, params):
    assert bdw.pmf_one(float(t), *params) == pytest.approx(float(oracle.pmf(t, *params)), rel=1e-11)


@pytest.mark.parametrize("params", HARD)
@pytest.mark.parametrize("t", [1, 2, 7, 100, 1_000_000])
def test_where_few_leave_the_error_is_small_beside_those_who_stay(t, params):
    exact, before = oracle.pmf(t, *params), oracle.survival(t - 1, *params)
    assert abs(bdw.pmf_one(float(t), *params) - float(exact)) <= 1e-11 * float(before)


def test_agrees_with_the_integral_over_customers():
    for t in (1, 3, 12):
        exact = oracle.survival_by_integral(t, 0.8, 2.0, 1.4)
        assert bdw.survival_one(float(t), 0.8, 2.0, 1.4) == pytest.approx(float(exact), rel=1e-9)


@law
@given(ages, st.floats(1e-2, 1e2), st.floats(1e-2, 1e2), st.floats(0.01, 1.0))
def test_with_c_of_one_it_is_sbg(t, a, b, discount):
    assert bdw.survival_one(t, a, b, 1.0) == pytest.approx(sbg.survival_one(t, a, b), rel=1e-11)
    assert bdw.retention_one(t + 1.0, a, b, 1.0) == pytest.approx(sbg.retention_one(t + 1.0, a, b), rel=1e-11)
    assert bdw.derl_one(discount, t, a, b, 1.0) == pytest.approx(sbg.derl_one(discount, t, a, b), rel=1e-10)


@pytest.mark.parametrize("params", USUAL)
def test_residual_lifetime_is_the_sum_of_payments(params):
    for discount, t in ((0.1, 0), (0.03, 6)):
        exact = oracle.derl(discount, t, *params)
        assert bdw.derl_one(discount, float(t), *params) == pytest.approx(float(exact), rel=1e-12)


@law
@given(ages, parameters)
def test_survival_falls_and_shares_lie_between_nothing_and_all(t, params):
    assert 0.0 <= bdw.survival_one(t + 1.0, *params) <= bdw.survival_one(t, *params) <= 1.0
    assert 0.0 <= bdw.retention_one(t + 1.0, *params) <= 1.0


@law
@given(st.integers(1, 300), parameters)
def test_who_left_and_who_stays_are_all(t, params):
    left = math.fsum(bdw.pmf(np.arange(1.0, t + 1.0), *params))
    assert left + bdw.survival_one(float(t), *params) == pytest.approx(1.0, rel=1e-11)


@law
@given(st.floats(1e-2, 2.0), ages, parameters)
def test_residual_lifetime_is_that_of_the_next_age_and_a_payment(discount, t, params):
    now, later = (bdw.derl_one(discount, age, *params) for age in (t, t + 1.0))
    renews = bdw.retention_one(t + 1.0, *params)
    assert now == pytest.approx(renews / (1.0 + discount) * (1.0 + later), rel=1e-9)


def test_retention_falls_with_age_where_c_is_large_and_customers_alike():
    rates = bdw.retention(np.arange(1.0, 9.0), 300.0, 3000.0, 1.8)
    assert (np.diff(rates) < 0.0).all()


@pytest.mark.parametrize(
    "arguments",
    [(-1.0, 1.0, 1.0, 1.0), (0.5, 1.0, 1.0, 1.0), (1.0, 0.0, 1.0, 1.0), (1.0, 1.0, 1.0, 0.0), (2.0, 1.0, 1.0, 1e10),
     (math.nan, 1.0, 1.0, 1.0), (1.0, 1.0, math.inf, 1.0), (1e8, 1.0, 1.0, 1.0)],
)  # fmt: skip
def test_what_cannot_be_is_nan(arguments):
    with np.errstate(all="raise"):
        for function in (bdw.survival, bdw.retention, bdw.pmf, bdw.log_survival):
            assert math.isnan(function(*arguments))
        assert math.isnan(bdw.derl(0.1, *arguments))
        assert math.isnan(bdw.derl(1e-6, 1.0, 1.0, 1.0, 1.0))
        assert math.isnan(bdw.retention(0.0, 1.0, 1.0, 1.0))


@njit
def _inside(t, a, b, c):
    return bdw.survival(t, a, b, c), bdw.retention(t, a, b, c), bdw.pmf(t, a, b, c), bdw.derl(0.1, t, a, b, c)


def test_ufuncs_take_arrays_and_scalars_inside_compiled_code():
    t, params = np.arange(1.0, 5.0), USUAL[1]
    assert bdw.survival(t, *params).tolist() == [bdw.survival_one(age, *params) for age in t]
    expected = [getattr(bdw, f"{name}_one")(3.0, *params) for name in ("survival", "retention", "pmf")]
    assert _inside(3.0, *params) == (*expected, bdw.derl_one(0.1, 3.0, *params))
