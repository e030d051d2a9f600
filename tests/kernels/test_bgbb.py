import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from tests.oracle import bgbb as oracle
from whalecurve.kernels import bgbb

REFERENCE = Path(__file__).parents[1] / "reference"
DONATIONS = (1.203528, 0.749726, 0.6567808, 2.783796)  # FHS10: estimate for the donors of a public radio station
UFUNCS = (
    bgbb.log_likelihood,
    bgbb.p_alive,
    bgbb.expected_purchases,
    bgbb.conditional_expected_purchases,
    bgbb.pmf,
    bgbb.p_no_purchase,
    bgbb.dert,
)

law = settings(max_examples=60, deadline=None)
positive = st.floats(1e-2, 1e2)
parameters = st.tuples(positive, positive, positive, positive)


@st.composite
def possible_histories(draw):
    n = draw(st.integers(0, 300))
    t_x = draw(st.integers(0, n))
    x = draw(st.integers(1, t_x)) if t_x else 0
    return float(x), float(t_x), float(n)


histories = possible_histories()
ahead = st.integers(1, 200).map(float)


def one(name):
    return getattr(bgbb, f"{name}_one")


def oracle_rows(quantity):
    with (REFERENCE / "oracle.csv").open() as file:
        for row in csv.DictReader(file):
            if row["model"] == "bgbb" and row["quantity"] == quantity:
                params = tuple(float(row[f"p{i}"]) for i in range(1, 5))
                inputs = tuple(float(row[f"i{i}"]) for i in range(1, 5) if row[f"i{i}"])
                yield params, inputs, float(row["value"])


@pytest.mark.parametrize("quantity", ["p_alive", "conditional_expected", "dert"])
def test_agrees_with_the_reference_table(quantity, record_property):
    kernels = {
        "p_alive": bgbb.p_alive_one,
        "conditional_expected": lambda x, t_x, n, m, *p: bgbb.conditional_expected_purchases_one(m, x, t_x, n, *p),
        "dert": lambda x, t_x, n, discount, *p: bgbb.dert_one(discount, x, t_x, n, *p),
    }
    errors = [
        (abs(kernels[quantity](*inputs, *params) / expected - 1.0), params, inputs)
        for params, inputs, expected in oracle_rows(quantity)
    ]
    record_property("worst", max(errors)[0])
    record_property("median", sorted(errors)[len(errors) // 2][0])
    assert len(errors) >= 33
    assert max(errors)[0] <= 1e-12, max(errors)


def test_log_likelihood_agrees_with_the_reference_table():
    errors = []
    for params, inputs, expected in oracle_rows("loglik"):
        value = bgbb.log_likelihood_one(*inputs, *params)
        errors.append((min(abs(value - expected), abs(value / expected - 1.0)), params, inputs))
    assert len(errors) >= 26
    assert max(errors)[0] <= 1e-12, max(errors)


def test_agrees_with_integrals_over_the_mixing_distributions():
    with (REFERENCE / "pnbd_bgbb_points.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["model"] == "bgbb"]
    assert len(rows) == 35
    for row in rows:
        arguments = map(float, (row["arguments"] + " " + row["parameters"]).split())
        assert one(row["function"])(*arguments) == pytest.approx(float(row["value"]), rel=1e-12), row


@pytest.mark.parametrize("history", [(0, 0, 3), (1, 2, 4), (2, 2, 2)])
def test_agrees_with_integrals_taken_now(history):
    for name in ("log_likelihood", "p_alive"):
        value = one(name)(*map(float, history), *DONATIONS)
        assert value == pytest.approx(float(getattr(oracle, name)(*history, *DONATIONS)), rel=1e-12)


def test_reproduces_published_values():
    facts = json.loads((REFERENCE / "published_pnbd_bgbb.json").read_text())
    facts = [fact for fact in facts if fact["model"] == "bgbb"]
    assert len(facts) > 80
    for fact in facts:
        value = one(fact["function"])(*map(float, fact["args"]))
        assert value == pytest.approx(fact["expected"], rel=fact.get("rel", 0.0), abs=fact.get("abs", 0.0)), fact


@law
@given(st.integers(0, 12), parameters)
def test_the_probabilities_of_all_histories_sum_to_one(n, params):
    total = math.exp(bgbb.log_likelihood_one(0.0, 0.0, float(n), *params))
    for t_x in range(1, n + 1):
        for x in range(1, t_x + 1):
            orders = math.comb(t_x - 1, x - 1)
            total += orders * math.exp(bgbb.log_likelihood_one(float(x), float(t_x), float(n), *params))
    assert total == pytest.approx(1.0, rel=1e-12)


@law
@given(st.integers(1, 12), st.data(), parameters)
def test_pmf_sums_the_histories_with_that_many_purchases(n, data, params):
    k = data.draw(st.integers(1, n))
    total = sum(
        math.comb(t_x - 1, k - 1) * math.exp(bgbb.log_likelihood_one(float(k), float(t_x), float(n), *params))
        for t_x in range(k, n + 1)
    )
    assert bgbb.pmf_one(float(k), float(n), *params) == pytest.approx(total, rel=1e-12)


@law
@given(st.integers(0, 2000), parameters)
def test_pmf_sums_to_one_and_has_the_expected_mean(n, params):
    k = np.arange(n + 1.0)
    p = bgbb.pmf(k, float(n), *params)
    assert (p >= 0.0).all()
    assert (p <= 1.0).all()
    # Products over thousands of opportunities round by 1e-16 each.
    assert p.sum() == pytest.approx(1.0, rel=1e-12)
    assert (k * p).sum() == pytest.approx(bgbb.expected_purchases_one(float(n), *params), rel=2e-12)
    assert bgbb.pmf_one(n + 1.0, float(n), *params) == 0.0


@law
@given(histories, ahead, parameters)
def test_silence_multiplies_the_likelihood_by_its_probability(history, m, params):
    x, t_x, n = history
    now, later = (bgbb.log_likelihood_one(x, t_x, end, *params) for end in (n, n + m))
    silent = bgbb.p_no_purchase_one(m, x, t_x, n, *params)
    assert later - now == pytest.approx(math.log(silent), rel=1e-10, abs=1e-12 * (1.0 + abs(now)))


@law
@given(histories, ahead, ahead, parameters)
def test_p_no_purchase_is_a_probability_and_falls_with_time(history, m, more, params):
    at_once, soon, late = (bgbb.p_no_purchase_one(ahead, *history, *params) for ahead in (0.0, m, m + more))
    assert at_once == pytest.approx(1.0, rel=1e-15)
    assert 0.0 <= late <= soon * (1.0 + 1e-13) <= 1.0 + 1e-13


@law
@given(histories, parameters)
def test_one_opportunity_ahead_expects_the_chance_of_a_purchase(history, params):
    expected = bgbb.conditional_expected_purchases_one(1.0, *history, *params)
    assert bgbb.p_no_purchase_one(1.0, *history, *params) == pytest.approx(1.0 - expected, abs=1e-14)


@law
@given(histories, ahead, parameters)
def test_p_alive_is_a_probability_and_falls_with_silence(history, longer, params):
    x, t_x, n = history
    now, later = (bgbb.p_alive_one(x, t_x, end, *params) for end in (n, n + longer))
    assert 0.0 <= later <= now * (1.0 + 1e-12) <= 1.0 + 1e-12


@law
@given(ahead, parameters)
def test_a_history_of_no_length_says_nothing(m, params):
    expected = bgbb.expected_purchases_one(m, *params)
    assert bgbb.conditional_expected_purchases_one(m, 0.0, 0.0, 0.0, *params) == pytest.approx(expected, rel=1e-14)
    assert bgbb.p_no_purchase_one(m, 0.0, 0.0, 0.0, *params) == pytest.approx(bgbb.pmf_one(0.0, m, *params), rel=1e-12)
    assert bgbb.log_likelihood_one(0.0, 0.0, 0.0, *params) == 0.0


@law
@given(histories, st.floats(1e-6, 10.0), st.floats(1.01, 100.0), parameters)
def test_dert_falls_with_the_discount_and_stays_below_a_perpetuity(history, discount, factor, params):
    x, _, n = history
    alpha, beta = params[:2]
    low, high = (bgbb.dert_one(d, *history, *params) for d in (discount, discount * factor))
    assert high <= low * (1.0 + 1e-12)
    perpetuity = bgbb.p_alive_one(*history, *params) * (alpha + x) / (alpha + beta + n) / discount
    assert low <= perpetuity * (1.0 + 1e-12)


@law
@given(histories, positive, positive, st.floats(2.5, 100.0), positive)
def test_dert_without_discount_is_the_expectation_over_all_time(history, alpha, beta, gamma, delta):
    params = (alpha, beta, gamma, delta)
    undiscounted = bgbb.dert_one(0.0, *history, *params)
    assert bgbb.dert_one(1e-15, *history, *params) == pytest.approx(undiscounted, rel=1e-9)
    # What lies beyond a hundred thousand opportunities is about (400 / 1e5)^1.5 of the whole.
    assert bgbb.conditional_expected_purchases_one(1e5, *history, *params) == pytest.approx(undiscounted, rel=1e-3)


def test_dert_without_discount_has_no_value_where_it_diverges():
    assert math.isnan(bgbb.dert_one(0.0, 2.0, 3.0, 6.0, 1.2, 0.7, 1.0, 2.8))
    assert math.isnan(bgbb.dert_one(0.0, 2.0, 3.0, 6.0, *DONATIONS))


def test_long_silence_ends_in_the_same_answer_with_and_without_the_shortcut():
    # With 1e-18 left of the living the sum stops; a little before, it still runs to the end.
    params = (2.0, 0.5, 0.8, 3.0)
    for n in (30.0, 60.0, 120.0, 240.0):
        x, t_x = 20.0, 20.0
        alive, odds, j = 1.0, 0.0, t_x
        while j < n:
            odds += alive * params[2] / (params[2] + params[3] + j)
            alive *= (params[1] + j - x) / (params[0] + params[1] + j) * (params[3] + j) / (params[2] + params[3] + j)
            j += 1.0
        expected = alive / (alive + odds) * (params[3] + n) / (params[2] + params[3] + n)
        assert bgbb.p_alive_one(x, t_x, n, *params) == pytest.approx(expected, rel=1e-12)


NO_HISTORIES = [
    (-1.0, 0.0, 10.0),
    (1.5, 3.0, 10.0),
    (2.0, 3.5, 10.0),
    (2.0, 3.0, 10.5),
    (2.0, 1.0, 10.0),
    (2.0, 11.0, 10.0),
    (0.0, 1.0, 10.0),
    (1.0, 0.0, 10.0),
    (1.0, 1.0, 1e8),
    (1.0, 1.0, math.inf),
    (math.nan, 1.0, 10.0),
    (1.0, math.nan, 10.0),
    (1.0, 1.0, math.nan),
]


@pytest.mark.parametrize("history", NO_HISTORIES)
def test_an_impossible_history_has_no_answer(history):
    assert math.isnan(bgbb.log_likelihood_one(*history, *DONATIONS))
    assert math.isnan(bgbb.p_alive_one(*history, *DONATIONS))
    assert math.isnan(bgbb.conditional_expected_purchases_one(1.0, *history, *DONATIONS))
    assert math.isnan(bgbb.p_no_purchase_one(1.0, *history, *DONATIONS))
    assert math.isnan(bgbb.dert_one(0.1, *history, *DONATIONS))


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf, 1e-100, 1e100])
@pytest.mark.parametrize("position", range(4))
def test_an_impossible_parameter_has_no_answer(value, position):
    params = [*DONATIONS[:position], value, *DONATIONS[position + 1 :]]
    for name, inputs in (
        ("log_likelihood", (2.0, 3.0, 6.0)),
        ("p_alive", (2.0, 3.0, 6.0)),
        ("expected_purchases", (6.0,)),
        ("expected_if_alive", (5.0, 2.0, 6.0)),
        ("pmf", (2.0, 6.0)),
        ("p_no_purchase_if_alive", (5.0, 2.0, 6.0)),
        ("dert_if_alive", (0.1, 2.0, 6.0)),
    ):
        assert math.isnan(one(name)(*inputs, *params)), name


@pytest.mark.parametrize("m", [-1.0, 0.5, 1e8, math.nan, math.inf])
def test_an_impossible_number_of_opportunities_has_no_answer(m):
    assert math.isnan(bgbb.expected_purchases_one(m, *DONATIONS))
    assert math.isnan(bgbb.expected_if_alive_one(m, 2.0, 6.0, *DONATIONS))
    assert math.isnan(bgbb.pmf_one(0.0, m, *DONATIONS))
    assert math.isnan(bgbb.p_no_purchase_one(m, 2.0, 3.0, 6.0, *DONATIONS))


@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda ufunc: ufunc.__name__)
def test_no_input_raises_a_floating_point_flag(ufunc):
    hostile = [math.nan, math.inf, -math.inf, 0.0, -0.0, -1.0, 0.5, 1.0, 2.0, 3.0, 1e90, 1e-90, 1e308, 5e-324]
    arguments = np.random.default_rng(2026).choice(hostile, (ufunc.nin, 20_000))
    with np.errstate(all="raise", under="ignore"):
        values = ufunc(*arguments)
    assert not np.isinf(values).any()


@pytest.mark.parametrize("span", [3.0, 20.0, 90.0])
def test_every_possible_history_has_a_finite_answer(span):
    rng = np.random.default_rng(7)
    params = [10.0 ** rng.uniform(-span, span, 500) for _ in range(4)]
    n = np.floor(10.0 ** rng.uniform(0.0, 3.5, 500))
    t_x = np.floor(n * rng.uniform(0.0, 1.0, 500))
    x = np.where(t_x > 0.0, np.maximum(np.floor(t_x * rng.uniform(0.0, 1.0, 500)), 1.0), 0.0)
    m, discount = np.floor(10.0 ** rng.uniform(0.0, 3.0, 500)), 10.0 ** rng.uniform(-span, span, 500)
    with np.errstate(all="raise", under="ignore"):
        for ufunc, inputs in (
            (bgbb.log_likelihood, (x, t_x, n)),
            (bgbb.p_alive, (x, t_x, n)),
            (bgbb.expected_purchases, (n,)),
            (bgbb.conditional_expected_purchases, (m, x, t_x, n)),
            (bgbb.pmf, (x, n)),
            (bgbb.p_no_purchase, (m, x, t_x, n)),
            (bgbb.dert, (discount, x, t_x, n)),
        ):
            assert np.isfinite(ufunc(*inputs, *params)).all(), ufunc.__name__


def test_ufuncs_broadcast_and_take_whole_numbers():
    t_x, n = np.array([[2], [4]]), np.array([4, 6, 8])
    values = bgbb.p_alive(2, t_x, n, *DONATIONS)
    assert values.shape == (2, 3)
    assert values[1, 2] == bgbb.p_alive_one(2.0, 4.0, 8.0, *DONATIONS)


@njit
def _inside(x, t_x, n, alpha, beta, gamma, delta):
    return (
        bgbb.log_likelihood(x, t_x, n, alpha, beta, gamma, delta),
        bgbb.p_alive(x, t_x, n, alpha, beta, gamma, delta),
        bgbb.expected_purchases(n, alpha, beta, gamma, delta),
        bgbb.conditional_expected_purchases(n, x, t_x, n, alpha, beta, gamma, delta),
        bgbb.pmf(x, n, alpha, beta, gamma, delta),
        bgbb.p_no_purchase(n, x, t_x, n, alpha, beta, gamma, delta),
        bgbb.dert(0.1, x, t_x, n, alpha, beta, gamma, delta),
    )


def test_ufuncs_take_scalars_inside_compiled_code():
    assert _inside(3.0, 4.0, 6.0, *DONATIONS) == (
        bgbb.log_likelihood_one(3.0, 4.0, 6.0, *DONATIONS),
        bgbb.p_alive_one(3.0, 4.0, 6.0, *DONATIONS),
        bgbb.expected_purchases_one(6.0, *DONATIONS),
        bgbb.conditional_expected_purchases_one(6.0, 3.0, 4.0, 6.0, *DONATIONS),
        bgbb.pmf_one(3.0, 6.0, *DONATIONS),
        bgbb.p_no_purchase_one(6.0, 3.0, 4.0, 6.0, *DONATIONS),
        bgbb.dert_one(0.1, 3.0, 4.0, 6.0, *DONATIONS),
    )
