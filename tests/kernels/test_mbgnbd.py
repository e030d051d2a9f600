import inspect
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numba import njit

from tests import oracle
from tests.oracle import mbgnbd as definition
from tests.support.numbers import TAME, WILD, without_flags
from whalecurve.kernels import bgnbd, mbgnbd

CDNOW = (0.525, 6.183, 0.891, 1.614)  # estimates of lifetimes' tests
KERNELS = {
    "loglik": mbgnbd.log_likelihood_one,
    "p_alive": mbgnbd.p_alive_one,
    "expected": mbgnbd.expected_purchases_one,
    "conditional_expected": lambda x, t_x, T, t, *p: mbgnbd.conditional_expected_purchases_one(t, x, t_x, T, *p),
}
UFUNCS = (
    mbgnbd.log_likelihood,
    mbgnbd.p_alive,
    mbgnbd.expected_purchases,
    mbgnbd.conditional_expected_purchases,
    mbgnbd.pmf,
    mbgnbd.p_no_purchase,
    mbgnbd.expected_if_alive,
    mbgnbd.p_no_purchase_if_alive,
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
    return getattr(mbgnbd, f"{name}_one")


@pytest.mark.parametrize("quantity", KERNELS)
def test_agrees_with_the_fifty_digit_table(quantity):
    rows = list(oracle.table("mbgnbd", quantity))
    assert rows
    for params, inputs, expected in rows:
        # 0.0 for the one value of 1e-865 is the nearest float, hence the absolute part.
        assert KERNELS[quantity](*inputs, *params) == close(expected), (params, inputs)


@pytest.mark.parametrize(("function", "arguments", "expected"), list(oracle.integrals("mbgnbd")))
def test_agrees_with_integration_over_rate_and_dropout(function, arguments, expected):
    assert one(function)(*arguments) == close(expected)


def test_the_stored_integrals_are_what_the_definition_gives():
    history = (2, 30.43, 38.86)
    assert mbgnbd.p_no_purchase_one(26.0, *history, *CDNOW) == close(
        float(definition.p_no_purchase(26.0, *history, *CDNOW))
    )
    assert mbgnbd.pmf_one(3.0, 39.0, *CDNOW) == close(float(definition.pmf(3, 39.0, *CDNOW)))


@pytest.mark.parametrize(("function", "arguments", "expected", "tolerance"), list(oracle.published("mbgnbd")))
def test_reproduces_published_values(function, arguments, expected, tolerance):
    assert one(function)(*arguments) == pytest.approx(expected, **tolerance)


@pytest.mark.parametrize(
    ("t", "history", "expected"),
    [(52.0, (1000.0, 38.0, 39.0), 1.69328394342e-4), (3650.0, (365.0, 365.0, 365.0), 995.095310139)],
    ids=["a thousand purchases", "ten years ahead"],
)
def test_predicts_where_other_packages_fail(t, history, expected):
    # The closed form with sixty digits, printed to ten or more.
    assert mbgnbd.conditional_expected_purchases_one(t, *history, *CDNOW) == pytest.approx(expected, rel=1e-10)


@law
@given(histories, parameters, spans)
def test_whoever_survives_the_first_toss_is_a_bgnbd_customer(history, params, t):
    r, alpha, a, b = params
    stays, onward = b / (a + b), (r, alpha, a, b + 1.0)
    assert mbgnbd.expected_purchases_one(t, *params) == close(stays * bgnbd.expected_purchases_one(t, *onward))
    for n in (1.0, 2.0, 30.0):
        assert mbgnbd.pmf_one(n, t, *params) == close(stays * bgnbd.pmf_one(n, t, *onward))
    x, _, T = history
    if x > 0.0:
        assert mbgnbd.p_alive_one(*history, *params) == close(bgnbd.p_alive_one(*history, *onward))
        # Absolute: the terms that cancel grow with x.
        assert mbgnbd.log_likelihood_one(*history, *params) == pytest.approx(
            math.log(stays) + bgnbd.log_likelihood_one(*history, *onward), rel=1e-12, abs=1e-14 * (r + x) * 10.0
        )
    else:
        silent = math.exp(mbgnbd.log_likelihood_one(*history, *params))
        assert silent == close(1.0 - stays + stays * bgnbd.pmf_one(0.0, T, *onward))


@law
@given(histories, parameters, spans)
def test_p_alive_is_a_probability_and_falls_with_silence(history, params, longer):
    x, t_x, T = history
    now, later = mbgnbd.p_alive_one(x, t_x, T, *params), mbgnbd.p_alive_one(x, t_x, T + longer, *params)
    assert 0.0 <= later <= now <= 1.0


@law
@given(parameters, spans.filter(lambda t: t < 100.0))
def test_pmf_sums_to_one_and_its_mean_is_the_expected_number(params, t):
    r, alpha, *_ = params
    assume(r * t / alpha < 50.0 and t / alpha < 5.0)  # what lies beyond 1500 purchases is then below 1e-16
    n = np.arange(1500.0)
    p = mbgnbd.pmf(n, t, *params)
    assert np.all((p >= 0.0) & (p <= 1.0))
    assert math.fsum(p) == close(1.0)
    assert math.fsum(n * p) == close(mbgnbd.expected_purchases_one(t, *params))


@law
@given(parameters, spans)
def test_a_customer_just_acquired_has_tossed_once(params, t):
    *_, a, b = params
    assert mbgnbd.p_alive_one(0.0, 0.0, 0.0, *params) == close(b / (a + b))
    assert mbgnbd.conditional_expected_purchases_one(t, 0.0, 0.0, 0.0, *params) == close(
        mbgnbd.expected_purchases_one(t, *params)
    )
    assert mbgnbd.p_no_purchase_one(t, 0.0, 0.0, 0.0, *params) == close(mbgnbd.pmf_one(0.0, t, *params))


@law
@given(histories, parameters, spans, st.floats(1e-3, 1e3))
def test_the_unit_of_time_does_not_matter(history, params, t, unit):
    x, t_x, T = history
    r, alpha, a, b = params
    scaled, rescaled = (x, t_x * unit, T * unit), (r, alpha * unit, a, b)
    # Rounding T - t_x, then raising to the power r + x: the error grows with both.
    rel = 1e-12 + 1e-15 * (r + x) * (1.0 + T / (alpha + t_x))
    assert mbgnbd.conditional_expected_purchases_one(t * unit, *scaled, *rescaled) == close(
        mbgnbd.conditional_expected_purchases_one(t, *history, *params), rel=rel
    )


@law
@given(histories, parameters, spans, spans)
def test_no_purchase_is_a_probability_and_grows_rarer_with_time(history, params, t, more):
    short = mbgnbd.p_no_purchase_one(t, *history, *params)
    long = mbgnbd.p_no_purchase_one(t + more, *history, *params)
    assert 0.0 <= long <= short <= 1.0
    expected = mbgnbd.conditional_expected_purchases_one(t, *history, *params)
    assert 1.0 - short <= expected * (1.0 + 1e-12) + 1e-15


@law
@given(histories, parameters, spans)
def test_expected_purchases_are_those_of_the_living(history, params, t):
    x, t_x, T = history
    alive = mbgnbd.p_alive_one(x, t_x, T, *params)
    assert mbgnbd.conditional_expected_purchases_one(t, x, t_x, T, *params) == close(
        alive * mbgnbd.expected_if_alive_one(t, x, T, *params)
    )
    assert 1.0 - mbgnbd.p_no_purchase_one(t, x, t_x, T, *params) == pytest.approx(
        alive * (1.0 - mbgnbd.p_no_purchase_if_alive_one(t, x, T, *params)), abs=1e-15
    )


@pytest.mark.parametrize(
    ("history", "params"),
    [
        ((math.nan, 1.0, 2.0), CDNOW),
        ((-1.0, 1.0, 2.0), CDNOW),
        ((1.5, 1.0, 2.0), CDNOW),
        ((1.0, 3.0, 2.0), CDNOW),
        ((0.0, 1.0, 2.0), CDNOW),
        ((1.0, 1.0, math.inf), CDNOW),
        *(
            ((1.0, 1.0, 2.0), (*CDNOW[:i], bad, *CDNOW[i + 1 :]))
            for i in range(4)
            for bad in (0.0, -1.0, math.nan, math.inf)
        ),
    ],
)
def test_outside_the_domain_the_answer_is_nan(history, params):
    assert math.isnan(mbgnbd.log_likelihood_one(*history, *params))
    assert math.isnan(mbgnbd.p_alive_one(*history, *params))
    assert math.isnan(mbgnbd.conditional_expected_purchases_one(1.0, *history, *params))
    assert math.isnan(mbgnbd.p_no_purchase_one(1.0, *history, *params))


@pytest.mark.parametrize("t", [-1.0, math.nan, math.inf])
def test_a_time_span_that_cannot_be_gives_nan(t):
    assert math.isnan(mbgnbd.expected_purchases_one(t, *CDNOW))
    assert math.isnan(mbgnbd.pmf_one(1.0, t, *CDNOW))
    assert math.isnan(mbgnbd.conditional_expected_purchases_one(t, 1.0, 1.0, 2.0, *CDNOW))
    assert math.isnan(mbgnbd.p_no_purchase_one(t, 1.0, 1.0, 2.0, *CDNOW))


def test_in_no_time_nothing_happens():
    assert mbgnbd.expected_purchases_one(0.0, *CDNOW) == 0.0
    assert mbgnbd.p_no_purchase_one(0.0, 2.0, 30.43, 38.86, *CDNOW) == 1.0
    assert [mbgnbd.pmf_one(n, 0.0, *CDNOW) for n in (0.0, 1.0, 9.0)] == [1.0, 0.0, 0.0]


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


@njit
def from_compiled_code(t, x, t_x, T, r, alpha, a, b):
    return (
        mbgnbd.log_likelihood(x, t_x, T, r, alpha, a, b),
        mbgnbd.p_alive(x, t_x, T, r, alpha, a, b),
        mbgnbd.expected_purchases(t, r, alpha, a, b),
        mbgnbd.conditional_expected_purchases(t, x, t_x, T, r, alpha, a, b),
        mbgnbd.pmf(x, t, r, alpha, a, b),
        mbgnbd.p_no_purchase(t, x, t_x, T, r, alpha, a, b),
    )


def test_the_ufuncs_take_scalars_inside_compiled_code():
    t, history = 39.0, (2.0, 30.43, 38.86)
    assert from_compiled_code(t, *history, *CDNOW) == (
        mbgnbd.log_likelihood_one(*history, *CDNOW),
        mbgnbd.p_alive_one(*history, *CDNOW),
        mbgnbd.expected_purchases_one(t, *CDNOW),
        mbgnbd.conditional_expected_purchases_one(t, *history, *CDNOW),
        mbgnbd.pmf_one(2.0, t, *CDNOW),
        mbgnbd.p_no_purchase_one(t, *history, *CDNOW),
    )
