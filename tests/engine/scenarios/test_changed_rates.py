"""A changed future of active customers, against integrals over their own rates and against plain sums."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from mpmath import mpf

from whalecurve.engine.models import MODELS, Fit, purchase_model
from whalecurve.engine.scenarios.changed_rates import NONE, Change, purchases_if_active, rates_of

PARAMS = {
    "bgnbd": (0.24, 8.2, 0.81, 9.3),
    "mbgnbd": (0.6, 20.0, 0.5, 2.0),
    "pnbd": (0.5, 10.0, 0.6, 50.0),
    "bgbb": (1.2, 0.7, 0.6, 2.8),
}
X, T = np.array([0.0, 1.0, 3.0, 12.0]), np.array([10.0, 200.0, 300.0, 400.0])


def fit_of(model):
    return Fit(
        model=model,
        params=dict(zip(MODELS[model].params, PARAMS[model], strict=True)),
        standard_errors=None,
        covariance=None,
        log_likelihood=0.0,
        aic=0.0,
        bic=0.0,
        n=1,
        converged=True,
        gradient_norm=0.0,
        iterations=1,
    )


def mean_over_beta(function, a, b):
    density = lambda p: function(p) * p ** (a - 1) * (1 - p) ** (b - 1)
    return mpmath.quad(density, [0, 0.001, 0.01, 0.05, 0.2, 0.5, 0.9, 1]) / mpmath.beta(a, b)


def beta_after(model, x, odds):
    """The dropout probability of an active customer with its odds of staying times a factor; a + b stays."""
    _, _, a, b = map(mpf, PARAMS[model])
    b = b + x + (1 if model == "mbgnbd" else 0)
    total, odds = a + b, odds * b / a
    return total / (1 + odds), total * odds / (1 + odds)


@pytest.mark.parametrize("model", ["bgnbd", "mbgnbd", "pnbd"])
def test_an_unchanged_future_is_that_of_the_model_to_the_bit(model):
    fit = fit_of(model)
    own = purchase_model(model).expected_if_alive(365.0, X, T, *fit.values)
    assert (purchases_if_active(fit, X, T, NONE, 365.0) == own).all()
    assert (rates_of(fit, X, T).changed(NONE).purchases(365.0) == own).all()


def test_an_unchanged_future_of_opportunities_is_that_of_the_model():
    fit, n = fit_of("bgbb"), np.full(4, 12.0)
    own = purchase_model("bgbb").expected_if_alive(24.0, X, n, *fit.values)
    assert rates_of(fit, X, n).purchases(24.0) == pytest.approx(own, rel=1e-14)


@pytest.mark.parametrize("model", ["bgnbd", "mbgnbd"])
@pytest.mark.parametrize("change", [Change(odds=1.05), Change(odds=0.5, rate=1.3), Change(rate=0.8)])
def test_purchases_are_the_integral_over_the_moved_chance_of_leaving(model, change):
    r, alpha, _, _ = map(mpf, PARAMS[model])
    found = purchases_if_active(fit_of(model), X, T, change, 365.0)
    for x, age, one in zip(X, T, found, strict=True):
        y = 365 * mpf(change.rate) / (alpha + age)
        expected = mean_over_beta(
            lambda p, y=y, x=x: (1 - (1 + p * y) ** -(r + x)) / p, *beta_after(model, x, change.odds)
        )
        assert one == pytest.approx(float(expected), rel=1e-8)


@pytest.mark.parametrize("model", ["bgnbd", "mbgnbd"])
def test_who_is_still_active_has_not_left_after_any_purchase(model):
    r, alpha, _, _ = map(mpf, PARAMS[model])
    found = rates_of(fit_of(model), X, T).changed(Change(odds=1.2)).still_active(365.25)
    for x, age, one in zip(X, T, found, strict=True):
        expected = mean_over_beta(
            lambda p, x=x, age=age: (1 + p * mpf("365.25") / (alpha + age)) ** -(r + x), *beta_after(model, x, 1.2)
        )
        assert one == pytest.approx(float(expected), rel=1e-8)


def test_staying_longer_in_time_divides_the_rate_of_leaving():
    r, alpha, s, beta = map(mpf, PARAMS["pnbd"])
    change, t = Change(odds=1.25, rate=1.1), 365
    rates = rates_of(fit_of("pnbd"), X, T).changed(change)
    for i, (x, age) in enumerate(zip(X, T, strict=True)):
        scale = (beta + age) * mpf("1.25")
        density = lambda mu, scale=scale: scale**s * mu ** (s - 1) * mpmath.exp(-scale * mu) / mpmath.gamma(s)
        nodes = [0, 1e-6, 1e-4, 1e-3, 0.01, 0.1, 1, 10]
        active = mpmath.quad(lambda mu, d=density: d(mu) * mpmath.exp(-mu * t), nodes)
        lifetime = mpmath.quad(lambda mu, d=density: d(mu) * -mpmath.expm1(-mu * t) / mu, nodes)
        assert rates.still_active(float(t))[i] == pytest.approx(float(active), rel=1e-6)
        assert rates.purchases(float(t))[i] == pytest.approx(
            float(mpf("1.1") * (r + x) / (alpha + age) * lifetime), rel=1e-6
        )


def test_opportunities_are_summed_one_by_one():
    alpha, beta, gamma, delta = map(Fraction, ("1.2", "0.7", "0.6", "2.8"))
    odds, rate, n, ahead = Fraction(5, 4), Fraction(3, 2), 12, 24
    change = Change(odds=float(odds), rate=float(rate))
    rates = rates_of(fit_of("bgbb"), X, np.full(4, float(n))).changed(change)
    for i, x in enumerate(map(int, X)):
        buys = rate * (alpha + x) / (beta + n - x)
        stays = odds * (delta + n + 1) / gamma
        total = gamma + delta + n + 1
        g, d = total / (1 + stays), total * stays / (1 + stays)
        active, purchases = [Fraction(1)], Fraction(0)
        for j in range(ahead):
            purchases += active[j] * buys / (1 + buys)
            active.append(active[j] * (d + j) / (g + d + j))
        assert rates.purchases(float(ahead))[i] == pytest.approx(float(purchases), rel=1e-13)
        assert rates.still_active(float(ahead))[i] == pytest.approx(float(active[ahead]), rel=1e-13)


@pytest.mark.parametrize("model", PARAMS)
def test_nobody_leaving_is_the_limit_of_ever_better_odds(model):
    fit, ages = fit_of(model), np.full(4, 12.0) if model == "bgbb" else T
    best = purchases_if_active(fit, X, ages, Change(odds=1e12), 36.0)
    assert best == pytest.approx(rates_of(fit, X, ages).endless(36.0), rel=1e-9)


def test_the_share_who_buy_again_does_not_depend_on_leaving_where_that_follows_a_purchase():
    """Why retention is not defined by that share: an active customer cannot leave before the next purchase."""
    quiet = purchase_model("bgnbd").no_purchase_if_alive
    r, alpha, a, b = PARAMS["bgnbd"]
    assert (quiet(365.0, X, T, r, alpha, a, b) == quiet(365.0, X, T, r, alpha, 5.0 * a, b)).all()
