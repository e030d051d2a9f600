import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from tests import oracle
from tests.oracle import gamma_gamma as definition
from tests.support.numbers import TAME, WILD
from whalecurve.kernels import gamma_gamma

CDNOW = (6.25, 3.74, 15.44)  # FH13: estimates as printed

law = settings(max_examples=100, deadline=None)
positive = st.floats(1e-2, 1e2)
parameters = st.tuples(positive, st.floats(1.01, 1e2), positive)
counts = st.integers(1, 3000).map(float)
means = st.floats(1e-3, 1e5)


@pytest.mark.parametrize(
    ("quantity", "kernel"),
    [("loglik", gamma_gamma.log_likelihood_one), ("expected_value", gamma_gamma.expected_value_one)],
)
def test_agrees_with_the_fifty_digit_table(quantity, kernel):
    rows = list(oracle.table("gamma_gamma", quantity))
    assert len(rows) > 60
    for params, inputs, expected in rows:
        assert kernel(*inputs, *params) == pytest.approx(expected, rel=1e-12), (params, inputs)


@pytest.mark.parametrize(("x", "m"), [(1.0, 11.77), (7.0, 35.0), (40.0, 120.0)])
@pytest.mark.parametrize("params", [CDNOW, (0.4, 1.2, 900.0)])
def test_agrees_with_integration_over_the_scale_of_spending(x, m, params):
    likelihood, value = definition.log_likelihood(x, m, *params), definition.expected_value(x, m, *params)
    assert gamma_gamma.log_likelihood_one(x, m, *params) == pytest.approx(float(likelihood), rel=1e-12)
    assert gamma_gamma.expected_value_one(x, m, *params) == pytest.approx(float(value), rel=1e-12)


@pytest.mark.parametrize(("function", "arguments", "expected", "tolerance"), list(oracle.published("gamma_gamma")))
def test_reproduces_published_values(function, arguments, expected, tolerance):
    assert getattr(gamma_gamma, f"{function}_one")(*arguments) == pytest.approx(expected, **tolerance)


@law
@given(counts, st.floats(-1e5, 1e5), parameters)
def test_expected_value_lies_between_the_customers_mean_and_everybodys(x, m, params):
    p, q, v = params
    everybody = p * v / (q - 1.0)
    slack = 1e-12 * (abs(m) + everybody)
    value = gamma_gamma.expected_value_one(x, m, *params)
    assert min(m, everybody) - slack <= value <= max(m, everybody) + slack


@law
@given(counts, st.floats(-1e4, 1e4), st.floats(0.0, 1e4), parameters)
def test_expected_value_is_linear_in_the_mean(x, m, step, params):
    low, middle, high = (gamma_gamma.expected_value_one(x, m + k * step, *params) for k in (-1.0, 0.0, 1.0))
    # Absolute: the three values may cancel.
    assert low + high == pytest.approx(2.0 * middle, abs=1e-12 * (abs(low) + abs(high) + abs(m) + step))


@law
@given(counts, means, parameters, st.floats(1e-3, 1e3))
def test_the_currency_does_not_matter(x, m, params, rate):
    p, q, v = params
    value = gamma_gamma.expected_value_one(x, m, p, q, v)
    assert gamma_gamma.expected_value_one(x, m * rate, p, q, v * rate) == pytest.approx(rate * value, rel=1e-12)
    likelihood = gamma_gamma.log_likelihood_one(x, m, p, q, v)
    # The terms of the likelihood are as large as px and q times logarithms, and cancel.
    size = (p * x + q) * 20.0
    assert gamma_gamma.log_likelihood_one(x, m * rate, p, q, v * rate) == pytest.approx(
        likelihood - math.log(rate), abs=1e-15 * size + 1e-12 * abs(likelihood)
    )


@pytest.mark.parametrize("x", [1.0, 3.0, 40.0])
def test_likelihood_is_a_density_of_the_mean(x):
    u = np.linspace(-60.0, 60.0, 24_001)
    m = np.exp(u)
    density = np.exp(gamma_gamma.log_likelihood(x, m, *CDNOW)) * m
    assert density.sum() * (u[1] - u[0]) == pytest.approx(1.0, rel=1e-12)


def test_without_repeat_purchases_the_mean_of_all_customers_is_expected():
    p, q, v = CDNOW
    assert gamma_gamma.expected_value_one(0.0, 0.0, *CDNOW) == pytest.approx(p * v / (q - 1.0), rel=1e-15)


def test_a_losing_customer_is_expected_to_lose_less_than_before():
    assert -50.0 < gamma_gamma.expected_value_one(4.0, -50.0, *CDNOW) < 0.0


@pytest.mark.parametrize(
    ("x", "m", "params"),
    [
        (0.0, 0.0, (6.25, 1.0, 15.44)),
        (0.0, 0.0, (6.25, 0.8, 15.44)),
        (1.0, 10.0, (0.1, 0.8, 15.44)),
        (1.0, 10.0, (0.5, 0.5, 15.44)),
        (-1.0, 10.0, CDNOW),
        (1.5, 10.0, CDNOW),
        (1.0, math.nan, CDNOW),
        (math.nan, 10.0, CDNOW),
        (1.0, math.inf, CDNOW),
        *((1.0, 10.0, (*CDNOW[:i], bad, *CDNOW[i + 1 :])) for i in range(3) for bad in (0.0, -1.0, math.nan, math.inf)),
    ],
)
def test_where_no_mean_exists_the_expected_value_is_nan(x, m, params):
    assert math.isnan(gamma_gamma.expected_value_one(x, m, *params))


@pytest.mark.parametrize(("x", "m"), [(0.0, 0.0), (0.0, 5.0), (1.0, 0.0), (1.0, -3.0), (2.5, 3.0), (1.0, math.nan)])
def test_what_has_no_density_has_no_likelihood(x, m):
    assert math.isnan(gamma_gamma.log_likelihood_one(x, m, *CDNOW))


def test_a_mean_exists_as_soon_as_purchases_make_up_for_a_heavy_tail():
    assert gamma_gamma.expected_value_one(1.0, 10.0, 0.5, 0.6, 15.0) == pytest.approx(0.5 * 25.0 / 0.1, rel=1e-14)


@pytest.mark.parametrize("pool", [WILD, [*TAME, -4.0, -1e90]], ids=["wild", "tame"])
@pytest.mark.parametrize("ufunc", [gamma_gamma.log_likelihood, gamma_gamma.expected_value], ids=["likelihood", "value"])
def test_no_input_whatever_raises_a_floating_point_flag(ufunc, pool):
    rng = np.random.default_rng(2026)
    arguments = rng.choice(pool, (5, 20_000))
    with np.errstate(all="raise", under="ignore"):
        result = ufunc(*arguments)
        one_by_one = [ufunc(*row) for row in arguments.T[:2000]]
    assert not np.isinf(result).any()
    np.testing.assert_array_equal(result[:2000], one_by_one)


def test_arrays_broadcast_to_what_the_scalar_form_says():
    x, m = np.array([[1.0], [7.0]]), np.array([11.77, 35.0, 120.0])
    for ufunc, one in (
        (gamma_gamma.log_likelihood, gamma_gamma.log_likelihood_one),
        (gamma_gamma.expected_value, gamma_gamma.expected_value_one),
    ):
        expected = [[one(i, j, *CDNOW) for j in m.tolist()] for i in x.ravel().tolist()]
        assert ufunc(x, m, *CDNOW).tolist() == expected


def test_whole_numbers_serve_as_floats_do():
    assert gamma_gamma.expected_value(np.array([0, 2]), 30.0, *CDNOW).tolist() == [
        gamma_gamma.expected_value_one(0.0, 30.0, *CDNOW),
        gamma_gamma.expected_value_one(2.0, 30.0, *CDNOW),
    ]


@njit
def from_compiled_code(x, m, p, q, v):
    return gamma_gamma.log_likelihood(x, m, p, q, v), gamma_gamma.expected_value(x, m, p, q, v)


def test_the_ufuncs_take_scalars_inside_compiled_code():
    assert from_compiled_code(2.0, 30.0, *CDNOW) == (
        gamma_gamma.log_likelihood_one(2.0, 30.0, *CDNOW),
        gamma_gamma.expected_value_one(2.0, 30.0, *CDNOW),
    )
