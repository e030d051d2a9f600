import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp
from numba import njit

from whalecurve.kernels import pnbd
from whalecurve.kernels.functions.pnbd_integral import decay_integral

REFERENCE = Path(__file__).parents[1] / "reference"
CDNOW = (0.5534, 10.5802, 0.6061, 11.6562)  # Fader & Hardie's estimate, as published
UFUNCS = (
    pnbd.log_likelihood,
    pnbd.p_alive,
    pnbd.expected_purchases,
    pnbd.conditional_expected_purchases,
    pnbd.pmf,
    pnbd.p_no_purchase,
    pnbd.dert,
)

law = settings(max_examples=60, deadline=None)
positive = st.floats(1e-2, 1e2)
parameters = st.tuples(positive, positive, positive, positive)
repeats = st.tuples(st.integers(1, 3000).map(float), st.floats(0.0, 500.0), st.floats(0.0, 500.0))
newcomers = st.tuples(st.just(0.0), st.just(0.0), st.floats(0.0, 500.0))
histories = st.one_of(repeats, newcomers).map(lambda h: (h[0], h[1], h[1] + h[2]))
spans = st.floats(1e-3, 1e3)


def one(name):
    return getattr(pnbd, f"{name}_one")


def relative_error(value, expected):
    return 0.0 if value == expected else abs(value / expected - 1.0)


def oracle_rows(quantity):
    with (REFERENCE / "oracle.csv").open() as file:
        for row in csv.DictReader(file):
            if row["model"] == "pnbd" and row["quantity"] == quantity:
                params = tuple(float(row[f"p{i}"]) for i in range(1, 5))
                inputs = tuple(float(row[f"i{i}"]) for i in range(1, 5) if row[f"i{i}"])
                yield params, inputs, float(row["value"])


@pytest.mark.parametrize("quantity", ["p_alive", "conditional_expected", "expected", "dert"])
def test_agrees_with_the_reference_table(quantity, record_property):
    # Two expectations of the table, 1e-540 and 1e-1058, lie below the least float: there 0 is the right answer.
    kernels = {
        "p_alive": pnbd.p_alive_one,
        "conditional_expected": lambda x, t_x, T, t, *p: pnbd.conditional_expected_purchases_one(t, x, t_x, T, *p),
        "expected": pnbd.expected_purchases_one,
        "dert": lambda x, t_x, T, discount, *p: pnbd.dert_one(discount, x, t_x, T, *p),
    }
    errors = [
        (relative_error(kernels[quantity](*inputs, *params), expected), params, inputs)
        for params, inputs, expected in oracle_rows(quantity)
    ]
    record_property("worst", max(errors)[0])
    record_property("median", sorted(errors)[len(errors) // 2][0])
    assert len(errors) >= 26
    assert max(errors)[0] <= 1e-12, max(errors)


def test_log_likelihood_agrees_with_the_reference_table():
    errors = []
    for params, inputs, expected in oracle_rows("loglik"):
        value = pnbd.log_likelihood_one(*inputs, *params)
        errors.append((min(abs(value - expected), relative_error(value, expected)), params, inputs))
    assert len(errors) >= 36
    assert max(errors)[0] <= 1e-12, max(errors)


def test_agrees_with_integrals_over_the_mixing_distributions():
    with (REFERENCE / "pnbd_bgbb_points.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["model"] == "pnbd"]
    assert len(rows) == 35
    for row in rows:
        arguments = map(float, (row["arguments"] + " " + row["parameters"]).split())
        assert one(row["function"])(*arguments) == pytest.approx(float(row["value"]), rel=1e-12), row


def test_reproduces_published_values():
    facts = json.loads((REFERENCE / "published_pnbd_bgbb.json").read_text())
    facts = [fact for fact in facts if fact["model"] == "pnbd"]
    assert len(facts) > 100
    for fact in facts:
        value = one(fact["function"])(*map(float, fact["args"]))
        assert value == pytest.approx(fact["expected"], rel=fact.get("rel", 0.0), abs=fact.get("abs", 0.0)), fact


@pytest.mark.parametrize(
    ("name", "inputs", "params", "truth", "digits"),
    [
        ("p_alive", (254, 97.14286, 97.28571), CDNOW, 0.99905465, 8),
        ("log_likelihood", (254, 97.14286, 97.28571), CDNOW, -38.3611666, 9),
        ("p_alive", (400, 5, 6), (0.53, 38.06, 64.28, 7721.5), 0.1010371, 7),
        ("conditional_expected_purchases", (52, 400, 5, 6), (0.53, 38.06, 64.28, 7721.5), 38.7896, 6),
        ("log_likelihood", (400, 5, 6), (0.53, 38.06, 64.28, 7721.5), 485.1126, 7),
        ("conditional_expected_purchases", (39, 2, 30.43, 38.86), (0.55, 10, 1, 11.6), 1.19712474653, 12),
    ],
)
def test_answers_where_other_packages_fail(name, inputs, params, truth, digits):
    value = one(name)(*map(float, inputs), *map(float, params))
    assert f"{value:.{digits}g}" == f"{truth:.{digits}g}"


def test_finds_every_likelihood_of_the_overflow_case_finite():
    for history in ((400.0, 5.0, 6.0), (500.0, 1.0, 37.0), (500.0, 4.0, 37.0)):
        assert math.isfinite(pnbd.log_likelihood_one(*history, 10.465, 0.00798565181, 3.0516, 2.82))


@pytest.mark.parametrize("off", [0.0, 1e-15, 1e-9, 1e-4])
@pytest.mark.parametrize("history", [(0.0, 0.0, 38.9), (3.0, 20.0, 38.9), (900.0, 38.0, 39.0)])
def test_equal_scales_give_the_closed_form(off, history):
    r, alpha, s = 0.7, 9.0, 0.9
    x, t_x, T = history
    k = r + x + s
    gone = s / k * (1.0 - ((alpha + t_x) / (alpha + T)) ** k)
    expected = (
        math.lgamma(r + x)
        - math.lgamma(r)
        + (r + s) * math.log(alpha)
        - k * math.log(alpha + t_x)
        + math.log(((alpha + t_x) / (alpha + T)) ** k + gone)
    )
    # The closed form holds at off = 0 and is continuous: a relative step of `off` in beta moves it by less than off.
    value = pnbd.log_likelihood_one(x, t_x, T, r, alpha, s, alpha * (1.0 + off))
    assert value == pytest.approx(expected, rel=1e-13, abs=1e-13 + off)


@pytest.mark.parametrize("name", ["expected_purchases", "expected_if_alive"])
def test_expectation_is_smooth_across_s_equal_to_one(name):
    inputs = (39.0,) if name == "expected_purchases" else (39.0, 2.0, 38.86)
    at_one = one(name)(*inputs, 0.55, 10.0, 1.0, 11.6)
    for off in (1e-15, 1e-12, 1e-9, 1e-6):
        below, above = (one(name)(*inputs, 0.55, 10.0, s, 11.6) for s in (1.0 - off, 1.0 + off))
        assert below >= at_one >= above
        assert 0.5 * (below + above) == pytest.approx(at_one, rel=1e-15 + off * off + 2e-16)


@law
@given(histories, spans, parameters)
def test_p_alive_is_a_probability_and_falls_with_silence(history, longer, params):
    x, t_x, T = history
    now, later = (pnbd.p_alive_one(x, t_x, end, *params) for end in (T, T + longer))
    assert 0.0 <= later <= now * (1.0 + 1e-12) <= 1.0 + 1e-12


@law
@given(positive, st.floats(0.5, 50.0), positive, positive, st.floats(0.05, 3.0))
def test_pmf_sums_to_one_and_has_the_expected_mean(r, alpha, s, beta, relative_time):
    t = relative_time * alpha
    # P(n) falls by t / (alpha + t) <= 3/4 in the end; the largest r puts the mode near 300.
    n = np.arange(2000.0)
    p = pnbd.pmf(n, t, r, alpha, s, beta)
    assert (p >= 0.0).all()
    assert (p <= 1.0).all()
    assert p.sum() == pytest.approx(1.0, rel=1e-12)
    assert (n * p).sum() == pytest.approx(pnbd.expected_purchases_one(t, r, alpha, s, beta), rel=1e-12)


@law
@given(spans, parameters)
def test_a_history_of_no_length_says_nothing(t, params):
    unconditional = pnbd.expected_purchases_one(t, *params)
    assert pnbd.conditional_expected_purchases_one(t, 0.0, 0.0, 0.0, *params) == pytest.approx(unconditional, rel=1e-14)
    assert pnbd.p_no_purchase_one(t, 0.0, 0.0, 0.0, *params) == pytest.approx(pnbd.pmf_one(0.0, t, *params), rel=1e-14)
    assert pnbd.p_alive_one(0.0, 0.0, 0.0, *params) == 1.0
    assert pnbd.log_likelihood_one(0.0, 0.0, 0.0, *params) == 0.0


@law
@given(histories, spans, parameters)
def test_silence_multiplies_the_likelihood_by_its_probability(history, t, params):
    x, t_x, T = history
    now, later = (pnbd.log_likelihood_one(x, t_x, end, *params) for end in (T, T + t))
    silent = pnbd.p_no_purchase_one(t, x, t_x, T, *params)
    # Times add with a rounding of T + t, which the exponent r + x multiplies.
    assert later - now == pytest.approx(math.log(silent), rel=1e-9, abs=1e-11 * (1.0 + abs(now)))


@law
@given(histories, spans, spans, parameters)
def test_p_no_purchase_is_a_probability_and_falls_with_time(history, t, more, params):
    x, t_x, T = history
    at_once, soon, late = (pnbd.p_no_purchase_one(ahead, x, t_x, T, *params) for ahead in (0.0, t, t + more))
    assert at_once == pytest.approx(1.0, rel=1e-15)
    assert 0.0 <= late <= soon * (1.0 + 1e-12) <= 1.0 + 1e-12


@law
@given(histories, spans, st.floats(1e-4, 1e4), parameters)
def test_the_unit_of_time_does_not_matter(history, t, unit, params):
    x, t_x, T = history
    r, alpha, s, beta = params
    scaled = (r, alpha * unit, s, beta * unit)
    silence = (T - t_x) * unit  # scaled apart: t_x and T rounded each could lose a short silence
    rescaled = (x, t_x * unit, t_x * unit + silence)
    shift = x * math.log(unit)
    # log(alpha + T) and its like round by 1e-16, and x multiplies that.
    wobble = 1e-12 * (1.0 + x)
    assert pnbd.log_likelihood_one(*rescaled, *scaled) + shift == pytest.approx(
        pnbd.log_likelihood_one(*history, *params), rel=1e-12, abs=wobble
    )
    assert pnbd.p_alive_one(*rescaled, *scaled) == pytest.approx(pnbd.p_alive_one(*history, *params), rel=wobble)
    assert pnbd.conditional_expected_purchases_one(t * unit, *rescaled, *scaled) == pytest.approx(
        pnbd.conditional_expected_purchases_one(t, *history, *params), rel=wobble
    )
    assert pnbd.dert_one(0.01 / unit, *rescaled, *scaled) == pytest.approx(
        pnbd.dert_one(0.01, *history, *params), rel=wobble
    )
    assert pnbd.pmf_one(3.0, t * unit, *scaled) == pytest.approx(pnbd.pmf_one(3.0, t, *params), rel=1e-11)


@law
@given(histories, st.floats(1e-6, 10.0), st.floats(1.01, 100.0), parameters)
def test_dert_falls_with_the_discount_and_stays_below_a_perpetuity(history, discount, factor, params):
    x, _, T = history
    low, high = (pnbd.dert_one(d, *history, *params) for d in (discount, discount * factor))
    assert high <= low * (1.0 + 1e-12)
    rate = (params[0] + x) / (params[1] + T)
    assert low <= pnbd.p_alive_one(*history, *params) * rate / discount * (1.0 + 1e-12)


@law
@given(histories, positive, positive, st.floats(2.5, 100.0), positive)
def test_dert_without_discount_is_the_expectation_over_all_time(history, r, alpha, s, beta):
    params = (r, alpha, s, beta)
    undiscounted = pnbd.dert_one(0.0, *history, *params)
    assert pnbd.dert_one(1e-15, *history, *params) == pytest.approx(undiscounted, rel=1e-9)
    assert pnbd.conditional_expected_purchases_one(1e50, *history, *params) == pytest.approx(undiscounted, rel=1e-12)


def test_dert_without_discount_has_no_value_where_it_diverges():
    assert math.isnan(pnbd.dert_one(0.0, 2.0, 30.0, 39.0, 0.5, 10.0, 1.0, 12.0))
    assert math.isnan(pnbd.dert_one(0.0, 2.0, 30.0, 39.0, 0.5, 10.0, 0.6, 12.0))


@law
@given(histories, spans, parameters)
def test_conditional_quantities_split_into_life_and_what_life_brings(history, t, params):
    x, t_x, T = history
    alive = pnbd.p_alive_one(x, t_x, T, *params)
    brings = pnbd.expected_if_alive_one(t, x, T, *params)
    assert pnbd.conditional_expected_purchases_one(t, x, t_x, T, *params) == pytest.approx(alive * brings, rel=1e-15)
    silent = pnbd.p_no_purchase_if_alive_one(t, x, T, *params)
    assert pnbd.p_no_purchase_one(t, x, t_x, T, *params) == pytest.approx(1.0 - alive * (1.0 - silent), abs=1e-15)
    residual = pnbd.dert_if_alive_one(0.02, x, T, *params)
    assert pnbd.dert_one(0.02, x, t_x, T, *params) == pytest.approx(alive * residual, rel=1e-15)


@law
@given(st.floats(-0.99, 1e4), st.floats(0.01, 1e4), st.floats(1e-6, 1.0), st.floats(1e-3, 30.0), st.floats(0.01, 0.99))
def test_the_integral_of_two_stretches_is_the_sum_of_theirs(c, d, rho, width, cut):
    first = cut * width
    grown = 1.0 + rho * math.expm1(first)
    at_cut = math.exp(-c * first - d * math.log1p(rho * math.expm1(first)))
    rest = at_cut * decay_integral(c, d, rho * math.exp(first) / grown, width - first)
    whole = decay_integral(c, d, rho, width)
    # d multiplies the rounding of the shifted rho, and what is cut off at the end may be rounded away.
    assert decay_integral(c, d, rho, first) + rest == pytest.approx(whole, rel=2e-14 + 3e-16 * (c + d) * first)


@pytest.mark.parametrize("rho", [1e-4, 0.01, 0.3, 1.0])
@pytest.mark.parametrize("c", [-0.99, -0.4, 0.0, 0.8])
@pytest.mark.parametrize(("width", "fall"), [(0.65, 3.0), (0.66, 3.1), (1.75, 6.0), (2.5, 16.0), (9.0, 50.0)])
def test_the_integral_is_right_where_its_rules_are_weakest(width, fall, c, rho):
    d = (fall - c * width) / math.log1p(rho * math.expm1(width))
    integrand = lambda w: mp.exp(-c * w - d * mp.log1p(rho * mp.expm1(w)))
    with mp.workdps(25):
        expected = mp.quad(integrand, np.linspace(0.0, width, 9).tolist())
    # Gauss-Legendre leaves 5e-15 at these points; the rest is rounding.
    assert decay_integral(c, d, rho, width) == pytest.approx(float(expected), rel=1e-14)


@pytest.mark.parametrize(
    ("n", "t", "params"),
    [
        (1, 1e6, (0.5, 1e-4, 0.7, 1e3)),
        (1, 1e6, (0.9, 1e-6, 0.2, 1e-3)),
        (7, 1e-3, (300.0, 10.0, 0.7, 1e-6)),
        (300, 50.0, (2.5, 0.3, 40.0, 90.0)),
        (5000, 40.0, (80.0, 0.7, 3.0, 60.0)),
    ],
)
def test_pmf_is_a_mixture_of_negative_binomials_where_scales_differ_most(n, t, params):
    r, alpha, s, beta = map(mp.mpf, params)

    def counted(u):
        return mp.exp(
            mp.loggamma(r + n)
            - mp.loggamma(r)
            - mp.loggamma(n + 1)
            + r * mp.log(alpha / (alpha + u))
            + n * mp.log(u / (alpha + u))
        )

    def leaves(w):
        u = mp.exp(w)
        return counted(u) * s * u / (beta + u) * (beta / (beta + u)) ** s

    with mp.workdps(25):
        points = [mp.log(t) - mp.mpf(2) ** i / 16 for i in range(10, -1, -1)]
        gone = mp.quad(leaves, [points[0] - 100, *points, mp.log(t)])
        expected = counted(mp.mpf(t)) * (beta / (beta + t)) ** s + gone
    assert pnbd.pmf_one(float(n), t, *params) == pytest.approx(float(expected), rel=1e-12)


NO_HISTORIES = [
    (-1.0, 0.0, 10.0),
    (2.5, 1.0, 10.0),
    (2.0, -1.0, 10.0),
    (2.0, 11.0, 10.0),
    (0.0, 1.0, 10.0),
    (2.0, 1.0, math.inf),
    (math.nan, 1.0, 10.0),
    (2.0, math.nan, 10.0),
    (2.0, 1.0, math.nan),
]


@pytest.mark.parametrize("history", NO_HISTORIES)
def test_an_impossible_history_has_no_answer(history):
    assert math.isnan(pnbd.log_likelihood_one(*history, *CDNOW))
    assert math.isnan(pnbd.p_alive_one(*history, *CDNOW))
    assert math.isnan(pnbd.conditional_expected_purchases_one(1.0, *history, *CDNOW))
    assert math.isnan(pnbd.p_no_purchase_one(1.0, *history, *CDNOW))
    assert math.isnan(pnbd.dert_one(0.1, *history, *CDNOW))


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf, 1e-70, 1e70])
@pytest.mark.parametrize("position", range(4))
def test_an_impossible_parameter_has_no_answer(value, position):
    params = [*CDNOW[:position], value, *CDNOW[position + 1 :]]
    for name, inputs in (
        ("log_likelihood", (2.0, 30.0, 39.0)),
        ("p_alive", (2.0, 30.0, 39.0)),
        ("expected_purchases", (39.0,)),
        ("expected_if_alive", (39.0, 2.0, 39.0)),
        ("pmf", (2.0, 39.0)),
        ("p_no_purchase_if_alive", (39.0, 2.0, 39.0)),
        ("dert_if_alive", (0.1, 2.0, 39.0)),
    ):
        assert math.isnan(one(name)(*inputs, *params)), name


@pytest.mark.parametrize("t", [-1.0, math.nan, math.inf])
def test_an_impossible_horizon_has_no_answer(t):
    assert math.isnan(pnbd.expected_purchases_one(t, *CDNOW))
    assert math.isnan(pnbd.expected_if_alive_one(t, 2.0, 39.0, *CDNOW))
    assert math.isnan(pnbd.pmf_one(2.0, t, *CDNOW))
    assert math.isnan(pnbd.p_no_purchase_if_alive_one(t, 2.0, 39.0, *CDNOW))
    assert math.isnan(pnbd.dert_if_alive_one(t, 2.0, 39.0, *CDNOW))


@pytest.mark.parametrize("n", [-1.0, 0.5, math.nan, math.inf])
def test_an_impossible_count_has_no_probability(n):
    assert math.isnan(pnbd.pmf_one(n, 39.0, *CDNOW))


@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda ufunc: ufunc.__name__)
def test_no_input_raises_a_floating_point_flag(ufunc):
    hostile = [math.nan, math.inf, -math.inf, 0.0, -0.0, -1.0, 0.5, 1.0, 2.0, 1e60, 1e-60, 1e90, 1e308, 5e-324]
    arguments = np.random.default_rng(2026).choice(hostile, (ufunc.nin, 20_000))
    valid = 10.0 ** np.random.default_rng(2027).uniform(-60.0, 60.0, (ufunc.nin, 2_000))
    with np.errstate(all="raise", under="ignore"):
        values = ufunc(*arguments)
        assert not np.isinf(values).any()
        ufunc(*valid)


@pytest.mark.parametrize("span", [3.0, 20.0, 60.0])
def test_every_possible_history_has_a_finite_answer(span):
    rng = np.random.default_rng(7)
    draw = lambda: 10.0 ** rng.uniform(-span, span, 500)
    params, T, t, discount = [draw() for _ in range(4)], draw(), draw(), draw()
    x = np.floor(10.0 ** rng.uniform(-0.5, 5.0, 500))
    t_x = np.where(x > 0.0, T * rng.uniform(0.0, 1.0, 500) ** rng.choice([0.001, 1.0, 50.0], 500), 0.0)
    with np.errstate(all="raise", under="ignore"):
        for ufunc, inputs in (
            (pnbd.log_likelihood, (x, t_x, T)),
            (pnbd.p_alive, (x, t_x, T)),
            (pnbd.expected_purchases, (t,)),
            (pnbd.conditional_expected_purchases, (t, x, t_x, T)),
            (pnbd.pmf, (x, t)),
            (pnbd.p_no_purchase, (t, x, t_x, T)),
            (pnbd.dert, (discount, x, t_x, T)),
        ):
            assert np.isfinite(ufunc(*inputs, *params)).all(), ufunc.__name__


def test_ufuncs_broadcast_and_take_whole_numbers():
    x, T = np.array([[0], [2], [5]]), np.array([20, 39])
    values = pnbd.p_alive(x, 0, T, *CDNOW)
    assert values.shape == (3, 2)
    assert values[0, 1] == pnbd.p_alive_one(0.0, 0.0, 39.0, *CDNOW)
    assert values[2, 0] == pnbd.p_alive_one(5.0, 0.0, 20.0, *CDNOW)


@njit
def _inside(x, t_x, T, r, alpha, s, beta):
    return (
        pnbd.log_likelihood(x, t_x, T, r, alpha, s, beta),
        pnbd.p_alive(x, t_x, T, r, alpha, s, beta),
        pnbd.expected_purchases(T, r, alpha, s, beta),
        pnbd.conditional_expected_purchases(T, x, t_x, T, r, alpha, s, beta),
        pnbd.pmf(x, T, r, alpha, s, beta),
        pnbd.p_no_purchase(T, x, t_x, T, r, alpha, s, beta),
        pnbd.dert(0.01, x, t_x, T, r, alpha, s, beta),
    )


def test_ufuncs_take_scalars_inside_compiled_code():
    assert _inside(2.0, 30.43, 38.86, *CDNOW) == (
        pnbd.log_likelihood_one(2.0, 30.43, 38.86, *CDNOW),
        pnbd.p_alive_one(2.0, 30.43, 38.86, *CDNOW),
        pnbd.expected_purchases_one(38.86, *CDNOW),
        pnbd.conditional_expected_purchases_one(38.86, 2.0, 30.43, 38.86, *CDNOW),
        pnbd.pmf_one(2.0, 38.86, *CDNOW),
        pnbd.p_no_purchase_one(38.86, 2.0, 30.43, 38.86, *CDNOW),
        pnbd.dert_one(0.01, 2.0, 30.43, 38.86, *CDNOW),
    )
