"""Against lambda / (lambda p + delta), what a rate and a probability bring, averaged over both at 50 digits."""

from types import SimpleNamespace

import mpmath as mp
import numpy as np
import pytest

from whalecurve.engine.forecasts.infinite_horizon import dert_if_active, dert_of_newcomer, rate_of
from whalecurve.engine.settings import Window
from whalecurve.kernels import bgbb, bgnbd, mbgnbd, pnbd

PARAMS = {
    "bgnbd": (0.6, 12.0, 0.8, 4.0),
    "mbgnbd": (0.5, 60.0, 0.3, 2.9),
    "pnbd": (0.55, 10.6, 0.61, 11.7),
    "bgbb": (1.2, 0.75, 0.66, 2.78),
}


def fit_of(model):
    """As much of a fit as is looked at."""
    return SimpleNamespace(model=model, values=PARAMS[model])


def oracle(model, x, T, delta):
    """E over p of lambda / (lambda p + delta), lambda and p given x purchases by T and life now.

    Over lambda, Gamma(k, c), it is k z^k U(k + 1, k + 1, z) / p with z = c delta / p: DLMF 13.4.4, after u = lambda p /
    delta.
    """
    mp.mp.dps = 50
    r, alpha, a, b = map(mp.mpf, PARAMS[model])
    shape, pace, stays = r + x, alpha + T, b + x + (1 if model == "mbgnbd" else 0)

    def over_rate(p):
        z = pace * delta / p
        return shape * z**shape * mp.hyperu(shape + 1, shape + 1, z) / p

    weigh = lambda p: p ** (a - 1) * (1 - p) ** (stays - 1)
    edges = [0, mp.mpf("1e-6"), mp.mpf("1e-3"), mp.mpf("0.05"), mp.mpf("0.5"), 1]
    return mp.quad(lambda p: weigh(p) * over_rate(p), edges) / mp.beta(a, stays)


@pytest.mark.parametrize("model", ["bgnbd", "mbgnbd"])
@pytest.mark.parametrize(("x", "T"), [(0, 0), (3, 250)])
def test_models_without_a_closed_form_are_integrated(model, x, T):
    delta = np.log(1.1) / 365.25
    got = dert_if_active(fit_of(model), np.array([float(x)]), np.array([float(T)]), delta)[0]
    assert got == pytest.approx(float(oracle(model, x, T, mp.mpf(delta))), rel=1e-9)


@pytest.mark.parametrize("model", ["bgnbd", "mbgnbd", "pnbd"])
def test_a_long_horizon_comes_near(model):
    """Summed by days over sixty years, discounted in the middle of each."""
    kernels = {"bgnbd": bgnbd, "mbgnbd": mbgnbd, "pnbd": pnbd}[model]
    delta, days = np.log(1.15) / 365.25, np.arange(0.0, 60 * 366.0)
    until = kernels.expected_purchases(days, *PARAMS[model])
    summed = (np.diff(until) * np.exp(-delta * (days[:-1] + 0.5))).sum()
    assert dert_of_newcomer(fit_of(model), delta) == pytest.approx(summed, rel=1e-3)


def test_of_the_active_they_are_those_of_the_kernels_over_p_alive():
    x, T, rate = np.array([0.0, 2.0, 9.0]), np.array([10.0, 30.0, 11.0]), 0.002
    for model, kernels in (("pnbd", pnbd), ("bgbb", bgbb)):
        last = np.where(x > 0.0, np.maximum(x, T / 2.0).round(), 0.0)
        own = kernels.dert(rate, x, last, T, *PARAMS[model]) / kernels.p_alive(x, last, T, *PARAMS[model])
        assert dert_if_active(fit_of(model), x, T, rate) == pytest.approx(own, rel=1e-11)


def test_without_a_discount_there_may_be_no_bound():
    assert np.isnan(dert_of_newcomer(fit_of("bgnbd"), 0.0))
    assert np.isnan(dert_of_newcomer(fit_of("pnbd"), 0.0))


def test_somebody_who_hardly_ever_leaves_buys_as_long_as_discounting_lets_them():
    fit = SimpleNamespace(model="bgnbd", values=(2.0, 40.0, 1e-3, 500.0))
    delta = np.log(1.1) / 365.25
    assert dert_of_newcomer(fit, delta) == pytest.approx(2.0 / 40.0 / delta, rel=1e-3)


def test_the_rate_is_that_of_a_unit():
    year = np.log(1.1)
    assert rate_of(0.1, fit_of("bgnbd"), Window(unit="week")) == pytest.approx(year * 7 / 365.25, rel=1e-14)
    assert rate_of(0.1, fit_of("bgbb"), Window(period="year")) == pytest.approx(0.1, rel=1e-14)
