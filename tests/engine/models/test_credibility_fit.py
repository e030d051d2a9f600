"""Credibility by maximum likelihood, beside the likelihood of normal means written out in plain Python."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from whalecurve.engine.errors import NotIdentifiedError
from whalecurve.engine.models import Fit
from whalecurve.engine.models.spend_models import SPEND_MODELS, spend_model
from whalecurve.kernels import credibility

CREDIBILITY = SPEND_MODELS["credibility"]
customers = st.lists(
    st.tuples(st.integers(1, 6), st.integers(-400, 400).map(lambda quarters: quarters / 4)), min_size=4, max_size=60
)


def fitted(pairs):
    x, m = (np.array(column) for column in zip(*pairs, strict=True))
    return CREDIBILITY.fit(x.astype(np.uint32), m.astype(np.float64), 0.0)


def log_likelihood(pairs, mean, between, within):
    """Of means that are normal around own means, which are normal around that of all."""
    found = 0.0
    for x, m in pairs:
        variance = between + within / x
        found -= 0.5 * (math.log(2.0 * math.pi * variance) + (m - mean) ** 2 / variance)
    return found


def at_weight(pairs, weight):
    """Mean, variance of one purchase and log-likelihood, by the definition of Buhlmann & Straub: Z-weighted means."""
    z = [x * weight / (1.0 + (x - 1) * weight) if weight > 0.0 else x for x, _ in pairs]
    mean = sum(share * m for share, (_, m) in zip(z, pairs, strict=True)) / sum(z)
    g = [weight + (1.0 - weight) / x for x, _ in pairs]
    variance = sum((m - mean) ** 2 / each for each, (_, m) in zip(g, pairs, strict=True)) / len(pairs)
    return mean, variance, log_likelihood(pairs, mean, weight * variance, (1.0 - weight) * variance)


def drawn(rng, n, mean=50.0, between=100.0, within=300.0):
    x = 1 + rng.poisson(1.5, n)
    m = rng.normal(mean, math.sqrt(between), n) + rng.normal(0.0, 1.0, n) * np.sqrt(within / x)
    return list(zip(x.tolist(), m.tolist(), strict=True))


@settings(max_examples=60, deadline=None)
@given(customers)
def test_the_likelihood_is_that_of_normal_means_and_no_other_weight_has_a_greater_one(pairs):
    found = fitted(pairs)
    if len({x for x, _ in pairs}) == 1 or len({m for _, m in pairs}) == 1:
        assert found.params["weight"] == 0.0
        return
    mean, variance, height = at_weight(pairs, found.params["weight"])
    if variance < 1e-9:
        return
    assert found.params["mean"] == pytest.approx(mean, rel=1e-9, abs=1e-9)
    assert found.log_likelihood == pytest.approx(height, rel=1e-9, abs=1e-9)
    assert all(at_weight(pairs, weight)[2] <= height + 1e-9 for weight in np.linspace(0.0, 1.0, 101))
    assert found.aic == pytest.approx(6.0 - 2.0 * found.log_likelihood)
    assert found.bic == pytest.approx(3.0 * math.log(len(pairs)) - 2.0 * found.log_likelihood)


def test_all_three_parameters_are_where_a_search_without_derivatives_ends():
    pairs = drawn(np.random.default_rng(3), 400)
    found = fitted(pairs)

    def cost(at):
        return -log_likelihood(pairs, at[0], math.exp(at[1]), math.exp(at[2]))

    options = {"xatol": 1e-9, "fatol": 1e-10, "maxiter": 5000, "maxfev": 5000}
    top = minimize(cost, [50.0, 4.0, 6.0], method="Nelder-Mead", options=options)
    between, within = np.exp(top.x[1:])
    assert found.params["mean"] == pytest.approx(top.x[0], rel=1e-7)
    assert found.params["weight"] == pytest.approx(between / (between + within), rel=1e-5)
    assert found.log_likelihood == pytest.approx(-top.fun, rel=1e-9)


def paired(rng, n, mean=50.0, between=100.0, within=300.0, shift=-20.0, factor=0.6):
    """Customers as `drawn`, and a first purchase of each that brings less and varies less."""
    x = 1 + rng.poisson(1.5, n)
    own = rng.normal(0.0, math.sqrt(between), n)
    m = mean + own + rng.normal(0.0, 1.0, n) * np.sqrt(within / x)
    first = mean + shift + factor * (own + rng.normal(0.0, math.sqrt(within), n))
    return x, m, first


def fitted_to_pairs(x, m, first):
    return CREDIBILITY.fit(x.astype(np.uint32), m, 0.0, first)


def log_likelihood_of_pairs(x, m, first, at):
    """Of pairs (first, m), normal with a common part: the density of two variables written out."""
    mean, of_first, factor, between, within = at[0], at[1], *np.exp(at[2:])
    found = 0.0
    for k, one, other in zip(x.tolist(), (first - of_first).tolist(), (m - mean).tolist(), strict=True):
        a, b, c = factor**2 * (between + within), factor * between, between + within / k
        determinant = a * c - b * b
        squares = (c * one * one - 2.0 * b * one * other + a * other * other) / determinant
        found -= 0.5 * (2.0 * math.log(2.0 * math.pi) + math.log(determinant) + squares)
    return found


def test_with_first_purchases_all_five_parameters_are_where_a_search_without_derivatives_ends():
    x, m, first = paired(np.random.default_rng(3), 300)
    found = fitted_to_pairs(x, m, first)
    options = {"xatol": 1e-9, "fatol": 1e-10, "maxiter": 20_000, "maxfev": 20_000}
    start = [50.0, 30.0, -0.5, 4.6, 5.7]
    top = minimize(lambda at: -log_likelihood_of_pairs(x, m, first, at), start, method="Nelder-Mead", options=options)
    between, within = np.exp(top.x[3:])
    assert found.log_likelihood == pytest.approx(-top.fun, rel=1e-9)
    assert found.params["mean"] == pytest.approx(top.x[0], rel=1e-6)
    assert found.params["weight"] == pytest.approx(between / (between + within), rel=1e-5)
    assert found.aic == pytest.approx(10.0 - 2.0 * found.log_likelihood)


@pytest.mark.parametrize("factor", [0.6, 1.0, 3.0])
def test_first_purchases_tell_the_weight_several_times_as_well(factor):
    rng = np.random.default_rng(8)
    draws = [paired(rng, 500, mean=5.0, factor=factor) for _ in range(40)]
    pairs = [fitted_to_pairs(*draw) for draw in draws]
    alone = [CREDIBILITY.fit(x.astype(np.uint32), m, 0.0) for x, m, _ in draws]
    weights = np.array([fit.params["weight"] for fit in pairs])
    assert weights.mean() == pytest.approx(0.25, abs=4.0 * weights.std() / math.sqrt(40))
    assert weights.std() < 0.5 * np.std([fit.params["weight"] for fit in alone])
    said = np.mean([fit.standard_errors["weight"] for fit in pairs])
    assert said == pytest.approx(weights.std(), rel=0.3)
    means = np.array([fit.params["mean"] for fit in pairs])
    assert means.mean() == pytest.approx(5.0, abs=4.0 * means.std() / math.sqrt(40))


def test_with_first_purchases_units_offsets_and_order_change_nothing_else():
    x, m, first = paired(np.random.default_rng(4), 400)
    found = fitted_to_pairs(x, m, first)
    turned = fitted_to_pairs(x[::-1], m[::-1], first[::-1])
    assert turned.to_dict() == found.to_dict()
    scaled = fitted_to_pairs(x, 100.0 * m - 7.0, 20.0 * first + 3.0)  # the first in a currency of its own
    assert scaled.params["weight"] == pytest.approx(found.params["weight"], rel=1e-9)
    assert scaled.params["mean"] == pytest.approx(100.0 * found.params["mean"] - 7.0, rel=1e-9)


def test_with_first_purchases_equal_numbers_of_repeats_tell_the_weight_too():
    rng = np.random.default_rng(4)
    x, m, first = paired(rng, 2_000)
    own = rng.normal(0.0, 10.0, x.size)
    x = np.ones_like(x)
    m, first = 50.0 + own + rng.normal(0.0, 300.0**0.5, x.size), 40.0 + own + rng.normal(0.0, 300.0**0.5, x.size)
    found = fitted_to_pairs(x, m, first)
    assert found.params["weight"] == pytest.approx(np.corrcoef(m, first)[0, 1], rel=1e-6)  # 0.25, but for chance


def test_first_purchases_that_are_all_the_same_tell_nothing_and_those_that_repeat_exactly_everything():
    x, m, _ = paired(np.random.default_rng(4), 100)
    same = fitted_to_pairs(x, m, np.full(m.size, 5.0))
    assert same.params == CREDIBILITY.fit(x.astype(np.uint32), m, 0.0).params
    exact = fitted_to_pairs(x, m, m - 10.0)
    assert exact.params["weight"] == 1.0
    assert "weight" not in exact.standard_errors
    flat = fitted_to_pairs(x, np.full(m.size, 5.0), m)
    assert flat.params == {"mean": 5.0, "weight": 0.0}


def test_losses_of_many_leave_mean_and_weight_unbiased_and_the_standard_errors_true():
    rng = np.random.default_rng(8)
    found = [fitted(drawn(rng, 1_000, mean=10.0)) for _ in range(120)]  # one mean in four is below 0
    for name, true in (("mean", 10.0), ("weight", 0.25)):
        estimates = np.array([fit.params[name] for fit in found])
        said = np.mean([fit.standard_errors[name] for fit in found])
        assert said == pytest.approx(estimates.std(), rel=0.25), name
        assert estimates.mean() == pytest.approx(true, abs=4.0 * estimates.std() / math.sqrt(len(found))), name


def test_under_gamma_gamma_the_weight_is_that_of_its_own_credibility():
    p, q, v, n = 4.0, 8.0, 100.0, 200_000
    rng = np.random.default_rng(1)
    x = 1 + rng.geometric(0.4, n)
    m = rng.gamma(p * x, 1.0 / (rng.gamma(q, 1.0 / v, n) * x))
    found = CREDIBILITY.fit(x.astype(np.uint32), m, 0.0)
    assert found.params["mean"] == pytest.approx(p * v / (q - 1.0), rel=0.005)
    assert found.params["weight"] == pytest.approx(p / (p + q - 1.0), abs=4.0 * found.standard_errors["weight"])


@settings(max_examples=30, deadline=None)
@given(customers, st.randoms(use_true_random=False))
def test_the_order_of_customers_does_not_matter(pairs, random):
    assert fitted(random.sample(pairs, len(pairs))).to_dict() == fitted(pairs).to_dict()


def test_money_in_other_units_shrinks_the_same():
    pairs = drawn(np.random.default_rng(5), 300)
    here, there = fitted(pairs), fitted([(x, 1000.0 * m) for x, m in pairs])
    assert there.params["weight"] == pytest.approx(here.params["weight"], rel=1e-9)
    assert there.params["mean"] == pytest.approx(1000.0 * here.params["mean"], rel=1e-9)
    assert there.log_likelihood == pytest.approx(here.log_likelihood - 300 * math.log(1000.0), rel=1e-9)


def test_a_common_offset_moves_the_mean_and_nothing_else():
    pairs = drawn(np.random.default_rng(5), 300)
    here, there = fitted(pairs), fitted([(x, m - 500.0) for x, m in pairs])
    assert there.params["weight"] == pytest.approx(here.params["weight"], rel=1e-9)
    assert there.params["mean"] == pytest.approx(here.params["mean"] - 500.0, rel=1e-9)


def test_equal_numbers_of_purchases_do_not_tell_who_differs():
    found = fitted([(2, 10.0), (2, 30.0), (2, -80.0)])
    assert found.params == {"mean": pytest.approx(-40.0 / 3.0), "weight": 0.0}
    assert "all get the mean" in found.warnings[0]


def test_equal_means_are_expected_of_everybody():
    found = fitted([(1, 5.0), (2, 5.0), (4, 5.0)])
    assert found.params == {"mean": 5.0, "weight": 0.0}
    assert credibility.expected_value(7.0, 5.0, *found.values) == 5.0
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["log_likelihood"] is None


@pytest.mark.parametrize(("pairs", "words"), [([], "0 repeat customers"), ([(3, 9.0)], "1 repeat customer;")])
def test_fewer_than_two_repeat_customers_tell_nothing(pairs, words):
    x, m = np.array([x for x, _ in pairs], dtype=np.uint32), np.array([m for _, m in pairs], dtype=np.float64)
    with pytest.raises(NotIdentifiedError, match=words):
        CREDIBILITY.fit(x, m, 0.0)


def test_a_weight_at_its_limit_has_no_standard_error():
    rng = np.random.default_rng(9)
    x = 1 + rng.poisson(2.0, 300)
    pairs = list(zip(x.tolist(), (x * rng.normal(20.0, 5.0, 300)).tolist(), strict=True))  # spend rises with purchases
    found = fitted(pairs)
    assert found.params["weight"] == 1.0
    assert set(found.standard_errors) == {"mean"}
    assert "each gets the own one" in found.warnings[0]


def test_a_fit_is_saved_and_read_again():
    found = fitted(drawn(np.random.default_rng(2), 50))
    assert Fit.from_dict(json.loads(json.dumps(found.to_dict(), allow_nan=False))) == found
    spend_model(found.model).check(found)
