import inspect
import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numba import njit

from tests import oracle
from tests.oracle import bgnbd as definition
from tests.support.numbers import TAME, WILD, without_flags
from whalecurve.kernels import bgnbd

CDNOW = (0.243, 4.414, 0.793, 2.426)  # FHL05: estimates as printed
KERNELS = {
    "loglik": bgnbd.log_likelihood_one,
    "p_alive": bgnbd.p_alive_one,
    "expected": bgnbd.expected_purchases_one,
    "conditional_expected": lambda x, t_x, T, t, *p: bgnbd.conditional_expected_purchases_one(t, x, t_x, T, *p),
    "pmf": bgnbd.pmf_one,
}
UFUNCS = (
    bgnbd.log_likelihood,
    bgnbd.p_alive,
    bgnbd.expected_purchases,
    bgnbd.conditional_expected_purchases,
    bgnbd.pmf,
    bgnbd.p_no_purchase,
    bgnbd.expected_if_alive,
    bgnbd.p_no_purchase_if_alive,
)

law = settings(max_examples=60, deadline=None)
positive = st.floats(1e-2, 1e2)
parameters = st.tuples(positive, positive, positive, positive)
repeats = st.tuples(st.integers(1, 3000).map(float), st.floats(0.0, 500.0), st.floats(0.0, 500.0))
newcomers = st.tuples(st.just(0.0), st.just(0.0), st.floats(0.0, 500.0))
histories = st.one_of(repeats, newcomers).map(lambda h: (h[0], h[1], h[1] + h[2]))
spans = st.floats(1e-3, 1e3)


def close(expected, rel=1e-12):
    return pytest.approx(expected, rel=rel, abs=1e-300)


def one(name):
    return getattr(bgnbd, f"{name}_one")


@pytest.mark.parametrize("quantity", KERNELS)
def test_agrees_with_the_fifty_digit_table(quantity):
    rows = list(oracle.table("bgnbd", quantity))
    assert rows
    for params, inputs, expected in rows:
        # 0.0 for the one value of 1e-864 is the nearest float, hence the absolute part.
        assert KERNELS[quantity](*inputs, *params) == close(expected), (params, inputs)


@pytest.mark.parametrize(("function", "arguments", "expected"), list(oracle.integrals("bgnbd")))
def test_agrees_with_integration_over_rate_and_dropout(function, arguments, expected):
    assert one(function)(*arguments) == close(expected)


def test_the_stored_integrals_are_what_the_definition_gives():
    history = (2, 30.43, 38.86)
    assert bgnbd.log_likelihood_one(*history, *CDNOW) == close(float(definition.log_likelihood(*history, *CDNOW)))
    assert bgnbd.p_alive_one(*history, *CDNOW) == close(float(definition.p_alive(*history, *CDNOW)))
    assert bgnbd.expected_if_alive_one(39.0, 2, 38.86, *CDNOW) == close(
        float(definition.expected_if_alive(39.0, 2, 38.86, *CDNOW))
    )


@pytest.mark.parametrize(("function", "arguments", "expected", "tolerance"), list(oracle.published("bgnbd")))
def test_reproduces_published_values(function, arguments, expected, tolerance):
    assert one(function)(*arguments) == pytest.approx(expected, **tolerance)


@pytest.mark.parametrize(
    ("t", "history", "params", "expected"),
    [
        (52.0, (1000.0, 38.0, 39.0), CDNOW, 8.142000775e-5),
        (39.0, (2.0, 30.43, 38.86), (0.243, 4.414, 1.0, 2.426), 1.102136786),
        (4535.2, (0.0, 0.0, 1.5373), (0.084, 0.70762, 0.266508, 0.12621), 11.35422487749981),
    ],
    ids=["a thousand purchases", "a is one", "a + b below one, far horizon"],
)
def test_predicts_where_other_packages_fail(t, history, params, expected):
    # FHL05 equation 10 with sixty digits, printed to ten.
    found = bgnbd.conditional_expected_purchases_one(t, *history, *params)
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("n", [0, 1, 2, 171, 200, 2500])
def test_pmf_holds_at_any_number_of_purchases(n):
    with mp.workdps(200):  # FHL05 equation 8 as printed; at 2500 its difference cancels a hundred digits
        r, alpha, a, b, t = map(mp.mpf, (*CDNOW, 52.0))
        arrivals = [(alpha / (alpha + t)) ** r]
        for j in range(n):
            arrivals.append(arrivals[-1] * (r + j) / (j + 1) * t / (alpha + t))
        expected = mp.beta(a, b + n) / mp.beta(a, b) * arrivals[n]
        if n > 0:
            expected += mp.beta(a + 1, b + n - 1) / mp.beta(a, b) * (1 - mp.fsum(arrivals[:n]))
    assert bgnbd.pmf_one(n, 52.0, *CDNOW) == close(float(expected))


@law
@given(histories, parameters, spans)
def test_p_alive_is_a_probability_and_falls_with_silence(history, params, longer):
    x, t_x, T = history
    now, later = bgnbd.p_alive_one(x, t_x, T, *params), bgnbd.p_alive_one(x, t_x, T + longer, *params)
    assert 0.0 <= later <= now <= 1.0


@law
@given(parameters, spans.filter(lambda t: t < 100.0))
def test_pmf_sums_to_one_and_its_mean_is_the_expected_number(params, t):
    r, alpha, *_ = params
    assume(r * t / alpha < 50.0 and t / alpha < 5.0)  # what lies beyond 1500 purchases is then below 1e-16
    n = np.arange(1500.0)
    p = bgnbd.pmf(n, t, *params)
    assert np.all((p >= 0.0) & (p <= 1.0))
    assert math.fsum(p) == close(1.0)
    assert math.fsum(n * p) == close(bgnbd.expected_purchases_one(t, *params))


@law
@given(parameters, spans, spans)
def test_a_customer_just_acquired_is_a_newcomer(params, t, T):
    assert bgnbd.conditional_expected_purchases_one(t, 0.0, 0.0, 0.0, *params) == close(
        bgnbd.expected_purchases_one(t, *params)
    )
    assert bgnbd.p_no_purchase_one(t, 0.0, 0.0, 0.0, *params) == close(bgnbd.pmf_one(0.0, t, *params))
    assert math.exp(bgnbd.log_likelihood_one(0.0, 0.0, T, *params)) == close(bgnbd.pmf_one(0.0, T, *params))


@law
@given(histories, parameters, spans, st.floats(1e-3, 1e3))
def test_the_unit_of_time_does_not_matter(history, params, t, unit):
    x, t_x, T = history
    r, alpha, a, b = params
    scaled, rescaled = (x, t_x * unit, T * unit), (r, alpha * unit, a, b)
    # Rounding T - t_x, then raising to the power r + x: the error grows with both.
    rel = 1e-12 + 1e-15 * (r + x) * (1.0 + T / (alpha + t_x))
    assert bgnbd.p_alive_one(*scaled, *rescaled) == close(bgnbd.p_alive_one(*history, *params), rel=rel)
    assert bgnbd.conditional_expected_purchases_one(t * unit, *scaled, *rescaled) == close(
        bgnbd.conditional_expected_purchases_one(t, *history, *params), rel=rel
    )
    likelihood = bgnbd.log_likelihood_one(*history, *params)
    size = (r + x) * (10.0 + abs(math.log(unit)))  # of the terms that cancel in it
    assert bgnbd.log_likelihood_one(*scaled, *rescaled) == pytest.approx(
        likelihood - x * math.log(unit), abs=1e-14 * size + 1e-13 * (1.0 + abs(likelihood))
    )


@law
@given(histories, parameters, spans, spans)
def test_no_purchase_is_a_probability_and_grows_rarer_with_time(history, params, t, more):
    short = bgnbd.p_no_purchase_one(t, *history, *params)
    long = bgnbd.p_no_purchase_one(t + more, *history, *params)
    assert 0.0 <= long <= short <= 1.0
    expected = bgnbd.conditional_expected_purchases_one(t, *history, *params)
    assert 1.0 - short <= expected * (1.0 + 1e-12) + 1e-15


@law
@given(histories, parameters, spans)
def test_expected_purchases_are_those_of_the_living(history, params, t):
    x, t_x, T = history
    alive = bgnbd.p_alive_one(x, t_x, T, *params)
    assert bgnbd.conditional_expected_purchases_one(t, x, t_x, T, *params) == close(
        alive * bgnbd.expected_if_alive_one(t, x, T, *params)
    )
    assert 1.0 - bgnbd.p_no_purchase_one(t, x, t_x, T, *params) == pytest.approx(
        alive * (1.0 - bgnbd.p_no_purchase_if_alive_one(t, x, T, *params)), abs=1e-15
    )


@law
@given(parameters, spans, spans)
def test_expected_purchases_grow_with_time_at_a_falling_pace(params, t, more):
    first = bgnbd.expected_purchases_one(t, *params)
    both = bgnbd.expected_purchases_one(t + more, *params)
    assert first * (1.0 - 1e-13) <= both <= first * (1.0 + more / t) * (1.0 + 1e-13)


OUTSIDE = [
    ((math.nan, 1.0, 2.0), CDNOW),
    ((1.0, math.nan, 2.0), CDNOW),
    ((1.0, 1.0, math.nan), CDNOW),
    ((-1.0, 1.0, 2.0), CDNOW),
    ((1.5, 1.0, 2.0), CDNOW),
    ((1.0, -0.5, 2.0), CDNOW),
    ((1.0, 3.0, 2.0), CDNOW),
    ((0.0, 1.0, 2.0), CDNOW),
    ((1.0, 1.0, math.inf), CDNOW),
    ((math.inf, 1.0, 2.0), CDNOW),
    *(
        ((1.0, 1.0, 2.0), (*CDNOW[:i], bad, *CDNOW[i + 1 :]))
        for i in range(4)
        for bad in (0.0, -1.0, math.nan, math.inf)
    ),
]


@pytest.mark.parametrize(("history", "params"), OUTSIDE)
def test_outside_the_domain_the_answer_is_nan(history, params):
    assert math.isnan(bgnbd.log_likelihood_one(*history, *params))
    assert math.isnan(bgnbd.p_alive_one(*history, *params))
    assert math.isnan(bgnbd.conditional_expected_purchases_one(1.0, *history, *params))
    assert math.isnan(bgnbd.p_no_purchase_one(1.0, *history, *params))


@pytest.mark.parametrize("t", [-1.0, math.nan, math.inf])
def test_a_time_span_that_cannot_be_gives_nan(t):
    assert math.isnan(bgnbd.expected_purchases_one(t, *CDNOW))
    assert math.isnan(bgnbd.pmf_one(1.0, t, *CDNOW))
    assert math.isnan(bgnbd.conditional_expected_purchases_one(t, 1.0, 1.0, 2.0, *CDNOW))
    assert math.isnan(bgnbd.p_no_purchase_one(t, 1.0, 1.0, 2.0, *CDNOW))


def test_in_no_time_nothing_happens():
    assert bgnbd.expected_purchases_one(0.0, *CDNOW) == 0.0
    assert bgnbd.conditional_expected_purchases_one(0.0, 2.0, 30.43, 38.86, *CDNOW) == 0.0
    assert bgnbd.p_no_purchase_one(0.0, 2.0, 30.43, 38.86, *CDNOW) == 1.0
    assert [bgnbd.pmf_one(n, 0.0, *CDNOW) for n in (0.0, 1.0, 9.0)] == [1.0, 0.0, 0.0]


def test_a_customer_without_repeat_purchase_is_alive_for_certain():
    assert bgnbd.p_alive_one(0.0, 0.0, 400.0, *CDNOW) == 1.0


@pytest.mark.parametrize("pool", [WILD, TAME], ids=["wild", "tame"])
@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda ufunc: ufunc.__name__)
def test_no_input_whatever_raises_a_floating_point_flag(ufunc, pool):
    assert not np.isinf(without_flags(ufunc, pool)).any()


@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda ufunc: ufunc.__name__)
def test_arrays_broadcast_to_what_the_scalar_form_says(ufunc):
    values = {"n": [0.0, 1.0, 5.0], "x": [0.0, 2.0, 29.0], "t_x": [0.0, 30.43, 37.7], "T": 38.86, "t": [[1.0], [52.0]]}
    values |= dict(zip(("r", "alpha", "a", "b"), CDNOW, strict=True))
    names = list(inspect.signature(ufunc).parameters)
    arguments = np.broadcast_arrays(*(np.asarray(values[name]) for name in names))
    expected = [one(ufunc.__name__)(*map(float, row)) for row in zip(*(a.ravel() for a in arguments), strict=True)]
    found = ufunc(*(np.asarray(values[name]) for name in names))
    assert found.shape == arguments[0].shape
    assert found.ravel().tolist() == expected


def test_whole_numbers_serve_as_floats_do():
    x, t_x, T = np.array([0, 2, 7]), np.array([0, 30, 29]), np.array([38, 38, 38])
    found = bgnbd.p_alive(x, t_x, T, *CDNOW)
    assert found.tolist() == bgnbd.p_alive(x.astype(float), t_x.astype(float), T.astype(float), *CDNOW).tolist()


@njit
def from_compiled_code(t, x, t_x, T, r, alpha, a, b):
    return (
        bgnbd.log_likelihood(x, t_x, T, r, alpha, a, b),
        bgnbd.p_alive(x, t_x, T, r, alpha, a, b),
        bgnbd.expected_purchases(t, r, alpha, a, b),
        bgnbd.conditional_expected_purchases(t, x, t_x, T, r, alpha, a, b),
        bgnbd.pmf(x, t, r, alpha, a, b),
        bgnbd.p_no_purchase(t, x, t_x, T, r, alpha, a, b),
    )


def test_the_ufuncs_take_scalars_inside_compiled_code():
    t, history = 39.0, (2.0, 30.43, 38.86)
    assert from_compiled_code(t, *history, *CDNOW) == (
        bgnbd.log_likelihood_one(*history, *CDNOW),
        bgnbd.p_alive_one(*history, *CDNOW),
        bgnbd.expected_purchases_one(t, *CDNOW),
        bgnbd.conditional_expected_purchases_one(t, *history, *CDNOW),
        bgnbd.pmf_one(2.0, t, *CDNOW),
        bgnbd.p_no_purchase_one(t, *history, *CDNOW),
    )
