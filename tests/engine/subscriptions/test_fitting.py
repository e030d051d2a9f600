"""Fits of sBG and BdW: published estimates, derivatives, an independent search, the choice between the two."""

import numpy as np
import polars as pl
import pytest
from scipy.optimize import minimize
from scipy.special import betaln

from whalecurve.engine.errors import NotIdentifiedError
from whalecurve.engine.subscriptions.fitting import Renewals, choose, fit_renewals, renewals_of
from whalecurve.engine.subscriptions.likelihoods import bdw_likelihood, sbg_likelihood

REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241]
HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491]
"""Fader & Hardie (2007), table 1: customers of a thousand who are left after each of seven renewals."""


def renewals(alive):
    counts = np.array(alive, dtype=np.float64)
    return Renewals(renewed=counts[1:], left=counts[:-1] - counts[1:])


def contracts(alive, reach=None):
    """A row an age, as a table of counts."""
    n = len(alive) - 1
    rows = [(t, True, alive[t - 1] - alive[t]) for t in range(1, n + 1)] + [(n, False, alive[-1])]
    table = pl.DataFrame(rows, schema=["age", "has_left", "contracts"], orient="row")
    return table.with_columns(reach=pl.lit(n if reach is None else reach))


@pytest.mark.parametrize(
    ("alive", "estimates", "log_likelihood"),
    [(REGULAR, (0.704, 1.182), -1680.265), (HIGH_END, (0.668, 3.806), -1611.158)],
)
def test_reproduces_the_published_estimates(alive, estimates, log_likelihood):
    fit = fit_renewals("sbg", renewals(alive), "year")
    assert fit.values == pytest.approx(estimates, abs=0.003)
    assert fit.log_likelihood == pytest.approx(log_likelihood, abs=1e-3)
    assert fit.converged
    assert fit.n == 1000


@pytest.mark.parametrize("alive", [REGULAR, HIGH_END])
@pytest.mark.parametrize("model", ["sbg", "bdw"])
def test_is_as_high_as_a_search_by_the_formula_of_the_paper(alive, model):
    """Four renewals, as Fader, Hardie et al. (2018) take to project from."""
    counts = np.array(alive[:5], dtype=np.float64)
    ages = np.arange(5.0)

    def less(logs):
        a, b, *c = np.exp(logs)
        power = ages ** (c[0] if c else 1.0)
        survival = np.exp(betaln(a, b + power) - betaln(a, b))
        left = counts[:-1] - counts[1:]
        return -(left @ np.log(survival[:-1] - survival[1:]) + counts[-1] * np.log(survival[-1]))

    start = np.zeros(2 if model == "sbg" else 3)
    found = minimize(less, start, method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10, "maxiter": 5_000})
    fit = fit_renewals(model, renewals(alive[:5]), "year")
    assert fit.log_likelihood == pytest.approx(-found.fun, abs=1e-5)
    assert fit.values == pytest.approx(np.exp(found.x), rel=2e-3)


@pytest.mark.parametrize(
    ("of", "point"),
    [(sbg_likelihood, (0.7, 1.9)), (bdw_likelihood, (0.7, 1.9, 1.3)), (bdw_likelihood, (3.0, 40.0, 0.6))],
)
def test_derivatives_are_those_of_small_steps(of, point):
    likelihood = of(np.array([600.0, 300.0, 180.0, 90.0]), np.array([400.0, 200.0, 70.0, 31.0]))
    value, gradient, hessian = likelihood(np.array(point))
    for i, size in enumerate(point):
        step = np.zeros(len(point))
        step[i] = 1e-5 * size
        ahead, behind = likelihood(np.array(point) + step), likelihood(np.array(point) - step)
        assert (ahead[0] - behind[0]) / (2e-5 * size) == pytest.approx(gradient[i], rel=1e-6, abs=1e-5)
        assert (ahead[1] - behind[1]) / (2e-5 * size) == pytest.approx(hessian[i], rel=1e-5, abs=1e-4)
    assert np.isfinite(value)


def test_errors_are_those_that_estimates_have():
    rng = np.random.default_rng(5)
    estimates, errors = [], []
    for _ in range(60):
        leaves = rng.beta(1.2, 4.0, 800)
        lives = np.ceil(np.log1p(-rng.random(800)) / np.log1p(-leaves))
        alive = [int((lives > t).sum()) for t in range(9)]
        fit = fit_renewals("sbg", renewals(alive), "month")
        estimates.append(np.log(fit.values))
        errors.append([fit.standard_errors[name] / fit.params[name] for name in "ab"])
    spread = np.std(estimates, axis=0, ddof=1)
    assert spread == pytest.approx(np.median(errors, axis=0), rel=0.3)
    assert np.mean(estimates, axis=0) == pytest.approx(np.log([1.2, 4.0]), abs=0.15)


def test_counts_by_age_are_counts_at_each_renewal():
    found = renewals_of(contracts(REGULAR))
    assert found.renewed.tolist() == REGULAR[1:]
    assert found.at_risk.tolist() == REGULAR[:-1]
    assert found.n_told == 7


def test_the_model_is_chosen_by_what_it_predicts():
    """Where customers become likelier to leave with age, BdW predicts the last renewals; sBG cannot."""
    ages = np.arange(13.0)
    alive = np.round(20_000 * 0.97 ** (ages**1.6)).astype(int).tolist()
    grown = choose(contracts(alive), "auto", "month")
    assert (grown.fit.model, grown.by) == ("bdw", "holdout")
    assert grown.fit.params["c"] > 1.3
    assert grown.held_out["bdw"] > grown.held_out["sbg"]
    few = choose(contracts([30, 22, 17, 14]), "auto", "month")
    assert (few.fit.model, few.by) == ("sbg", "bic")
    assert choose(contracts(REGULAR), "bdw", "month").by == "asked"
    assert choose(contracts([100, 80, 70]), "auto", "month").by == "only"


@pytest.mark.parametrize("alive", [[100, 90], [100, 100, 100], [100, 0]])
def test_what_cannot_tell_a_model_is_refused(alive):
    with pytest.raises(NotIdentifiedError):
        choose(contracts(alive), "auto", "month")
