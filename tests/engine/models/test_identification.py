"""What the data tell of rates: bounds against a search without derivatives, flat ridges, and the prior for these."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize

from tests.support.commands import printed
from tests.support.few_repeaters import few_repeaters, log_of
from whalecurve import engine
from whalecurve.engine.models.identification import DROP, leaving, ratio
from whalecurve.engine.models.maximum_likelihood import PRIOR, partial_errors
from whalecurve.engine.models.purchase_models import MODELS
from whalecurve.kernels import bgnbd, pnbd


def profile(kernel, data, share, place):
    """The greatest log-likelihood with a share given: Nelder-Mead over logs of the other parameters, many starts."""
    x, t_x, T = data

    def cost(logs):
        params = place(share, np.exp(logs))
        return -kernel.log_likelihood(x, t_x, T, *params).sum() if np.abs(logs).max() < 23.0 else 1e9

    starts = [(r, r + 5.0, c) for r in (-1.0, 5.0) for c in (-3.0, 0.0, 3.0)]
    options = {"xatol": 1e-6, "fatol": 1e-7, "maxiter": 4000, "maxfev": 4000}
    return max(-minimize(cost, start, method="Nelder-Mead", options=options).fun for start in starts)


def with_dropout(share, free):
    """BG/NBD by r, alpha, a + b and the share a/(a+b)."""
    r, alpha, both = free
    return r, alpha, share * both, (1.0 - share) * both


def with_leaving(share, free):
    """Pareto/NBD by r, alpha, beta and the share that leaves within 100 days."""
    r, alpha, beta = free
    return r, alpha, -math.log(1.0 - share) / math.log1p(100.0 / beta), beta


@pytest.fixture(scope="module")
def flat():
    """1,500 customers, of whom 42 came back, once each: whether they then left cannot be seen."""
    x, t_x, T = few_repeaters(seed=3, most=1)
    assert np.bincount(x.astype(int)).size == 2
    return x, t_x, T


def test_where_nothing_tells_dropout_there_is_no_bound_and_the_fit_says_so(flat):
    fit = engine.fit_histories("bgnbd", *flat)
    assert fit.bounds["dropout per purchase"] == [0.0, 1.0]
    heights = [profile(bgnbd, flat, share, with_dropout) for share in (1e-6, 0.5, 0.9999)]
    assert max(heights) - min(heights) < DROP  # as an independent search finds it
    (words,) = fit.warnings
    assert words.startswith("the data do not identify dropout per purchase, a/(a+b) = anything from 0% to 100%")
    assert "a weak prior decides" in words
    low, high = fit.bounds["purchases per unit of time"]
    assert low < fit.params["r"] / fit.params["alpha"] < high
    assert not {"a", "b"} & set(fit.standard_errors or {})
    assert fit.prior == PRIOR
    assert fit.converged


def test_customers_who_came_back_are_neither_all_lost_nor_all_there(flat):
    x, t_x, T = flat
    fit = engine.fit_histories("bgnbd", x, t_x, T)
    back = x > 0
    alive = bgnbd.p_alive(x[back], t_x[back], T[back], *fit.values)
    assert (alive > 0.02).all()
    assert (alive < 0.98).all()


def test_the_prior_hardly_lowers_the_likelihood(flat):
    x, t_x, T = flat
    fit = engine.fit_histories("bgnbd", x, t_x, T)
    best = max(profile(bgnbd, flat, share, with_dropout) for share in (1e-6, 0.1, 0.5, 0.9, 0.9999))
    assert best - 1.0 < fit.log_likelihood < best + 1e-6
    assert fit.log_likelihood == pytest.approx(bgnbd.log_likelihood(x, t_x, T, *fit.values).sum(), rel=1e-10)


def test_a_bound_is_where_the_best_of_the_likelihood_has_dropped_by_half_of_chi_squared():
    data = few_repeaters(seed=1, rate=0.6, n=200)
    fit = engine.fit_histories("bgnbd", *data)
    low, high = fit.bounds["dropout per purchase"]
    assert (low, fit.prior) == (0.0, PRIOR)
    assert 0.25 < high < 0.9999
    best = max(profile(bgnbd, data, share, with_dropout) for share in (1e-6, *np.linspace(0.05, 0.95, 10)))
    assert best - profile(bgnbd, data, high, with_dropout) == pytest.approx(DROP, abs=0.05)


def test_pareto_nbd_has_bounds_of_the_share_that_leaves_within_the_mean_age():
    x, t_x, T = few_repeaters(seed=1, rate=0.6, n=200)
    T = np.full_like(T, 100.0)  # so that the mean age is 100 days
    t_x = np.minimum(t_x, T)
    fit = engine.fit_histories("pnbd", x, t_x, T)
    low, high = fit.bounds["dropout within the mean age"]
    best = max(profile(pnbd, (x, t_x, T), share, with_leaving) for share in (1e-6, 0.05, 0.1, 0.2))
    assert low == 0.0
    # the likelihood still rises a little where r is beyond any number and beta next to 0
    assert best - profile(pnbd, (x, t_x, T), high, with_leaving) == pytest.approx(DROP, abs=0.1)
    assert "1-(beta/(beta+100))^s = at most" in fit.warnings[0]


def test_dropout_that_is_next_to_nothing_is_bounded_above_and_no_prior_is_needed():
    """Grocery baskets bought all the time: a runs to 0, and its standard error means nothing."""
    rng = np.random.default_rng(6)
    T = np.full(800, 90.0)
    x = rng.binomial(89, 0.5, 800).astype(float)
    data = x, np.where(x > 0, 89.0, 0.0), T
    fit = engine.fit_histories("bgnbd", *data)
    low, high = fit.bounds["dropout per purchase"]
    assert (low, fit.prior) == (0.0, None)
    assert high < 0.003
    assert any(f"dropout per purchase, a/(a+b) = at most {100.0 * high:.3g}%" in words for words in fit.warnings)
    assert "a" not in (fit.standard_errors or {})
    r, alpha = fit.params["r"], fit.params["alpha"]
    # all are alive until shortly before the end: the likelihood of the bound is 1.92 below that of no dropout
    none = bgnbd.log_likelihood(*data, r, alpha, 1e-9, 1.0).sum()
    assert none - profile(bgnbd, data, high, with_dropout) == pytest.approx(DROP, abs=0.05)


@pytest.mark.parametrize("model", ["bgnbd", "mbgnbd", "pnbd"])
def test_the_unit_of_time_and_the_order_of_customers_do_not_matter(model):
    x, t_x, T = few_repeaters(seed=1, rate=0.6, n=200)
    daily, weekly = engine.fit_histories(model, x, t_x, T), engine.fit_histories(model, x, t_x / 7.0, T / 7.0)
    turned = engine.fit_histories(model, x[::-1], t_x[::-1], T[::-1])
    assert turned == daily
    purchases, dropout = daily.bounds
    assert weekly.bounds[dropout] == pytest.approx(daily.bounds[dropout], rel=1e-4)
    assert weekly.bounds[purchases] == pytest.approx([7.0 * bound for bound in daily.bounds[purchases]], rel=1e-4)
    assert weekly.params["alpha"] == pytest.approx(daily.params["alpha"] / 7.0, rel=1e-5)


def test_a_penalty_that_was_asked_for_stands_in_for_the_prior(flat):
    fit = engine.fit_histories("bgnbd", *flat, l2=0.3)
    assert fit.prior is None
    free = engine.fit_histories("bgnbd", *flat, l2=PRIOR)
    assert free.params == pytest.approx(engine.fit_histories("bgnbd", *flat).params, rel=1e-6)


def test_what_the_data_tell_needs_neither_bounds_nor_a_prior():
    x, t_x, T = few_repeaters(seed=1, rate=6.0)
    fit = engine.fit_histories("bgnbd", x, t_x, T)
    assert (fit.bounds, fit.prior, fit.warnings) == ({}, None, ())
    assert set(fit.standard_errors) == set(fit.params)


def second_derivatives(function, at, step=1e-3):
    size = len(at)
    found = np.empty((size, size))
    for i in range(size):
        for j in range(size):
            values = []
            for one in (step, -step):
                for other in (step, -step):
                    moved = np.array(at)
                    moved[i] += one
                    moved[j] += other
                    values.append(function(moved))
            found[i, j] = (values[0] - values[1] - values[2] + values[3]) / (4.0 * step**2)
    return found


def test_purchases_have_their_standard_errors_where_dropout_runs_to_its_limit():
    """Nobody leaves: Pareto/NBD is then the NBD, whose Hessian gives the errors of r and alpha."""
    rng = np.random.default_rng(7)
    T = rng.integers(60, 200, 1_500).astype(float)
    x = rng.poisson(rng.gamma(1.5, 1.0 / 20.0, T.size) * T).astype(float)
    t_x = np.where(x > 0, T * x / (x + 0.2), 0.0)
    fit = engine.fit_histories("pnbd", x, t_x, T)
    assert {"r", "alpha"} <= set(fit.standard_errors)
    assert not {"s", "beta"} & set(fit.standard_errors)

    def log_likelihood(logs):
        r, alpha = np.exp(logs)
        gammas = np.array([math.lgamma(r + k) for k in x]) - math.lgamma(r)
        return float((gammas + r * np.log(alpha) - (r + x) * np.log(alpha + T)).sum())

    at = np.log([fit.params["r"], fit.params["alpha"]])
    errors = np.sqrt(np.diag(np.linalg.inv(-second_derivatives(log_likelihood, at)))) * np.exp(at)
    assert [fit.standard_errors[name] for name in ("r", "alpha")] == pytest.approx(errors, rel=1e-3)


def test_errors_of_one_pair_are_those_with_the_other_pair_at_its_best():
    rng = np.random.default_rng(1)
    root = rng.normal(size=(4, 4))
    information = root @ root.T + np.eye(4)
    found = partial_errors(-information, [(0, 1), (2, 3)])
    expected = np.sqrt(np.diag(np.linalg.inv(information)))
    assert [found[i] for i in range(4)] == pytest.approx(expected, rel=1e-10)
    information[2:], information[:, 2:] = 0.0, 0.0
    assert set(partial_errors(-information, [(0, 1), (2, 3)])) == {0, 1}


@pytest.mark.parametrize("size", [-4.0, 0.3, 6.0])
@pytest.mark.parametrize(
    "rate",
    [ratio("a/(a+b)", "dropout", (2, 3), is_share=True), leaving("s", "dropout", 2, 3)],
    ids=["ratio", "leaving"],
)
def test_parameters_on_a_ridge_have_the_rate_and_their_derivatives_are_right(rate, size):
    free, step = np.array([0.7, 2.0, 1.3]), 1e-4
    params, by_free, second = rate.place(size, free)
    assert rate.size_of(params) == pytest.approx(size, rel=1e-9)
    moved = [[rate.place(size, free + sign * step * np.eye(3)[i])[0] for sign in (1.0, -1.0)] for i in range(3)]
    for i, (ahead, behind) in enumerate(moved):
        assert by_free[:, i] == pytest.approx((ahead - behind) / (2.0 * step), rel=1e-6, abs=1e-9)
        bend = (ahead - 2.0 * params + behind)[rate.taken] / step**2
        assert second[i, i] == pytest.approx(bend, rel=1e-4, abs=1e-4)


def test_predictions_for_repeat_customers_are_nearer_to_the_truth_than_at_the_point_where_a_search_ends(monkeypatch):
    """Of logs drawn from BG/NBD with few repeat customers, whose true expectations are known."""
    errors = {"prior": [], "none": []}
    for seed, dropout in enumerate((0.05, 0.3, 0.5, 0.8) * 3):
        x, t_x, T = few_repeaters(seed=100 + seed, dropout=dropout)
        true = bgnbd.conditional_expected_purchases(
            365.0, x, t_x, T, 0.5, 0.5 * 365.0 / 0.06, 2 * dropout, 2 - 2 * dropout
        )
        for name in errors:
            with monkeypatch.context() as patched:
                if name == "none":
                    patched.setattr("whalecurve.engine.models.maximum_likelihood._is_flat", lambda *_: False)
                fit = engine.fit_histories("bgnbd", x, t_x, T)
            assert (fit.prior is None) == (name == "none")
            found = bgnbd.conditional_expected_purchases(365.0, x, t_x, T, *fit.values)
            errors[name].append(((found - true)[x > 0] ** 2).mean())
    assert math.sqrt(np.mean(errors["prior"])) < 0.9 * math.sqrt(np.mean(errors["none"]))


def test_a_run_says_under_its_fit_that_the_data_do_not_tell_dropout(tmp_path, flat):
    log_of(*flat).write_parquet(tmp_path / "orders.parquet")
    said = printed(
        "score", tmp_path / "orders.parquet", "--out", tmp_path / "scores", "--as-of", "2024-12-31", "--full"
    )
    assert "  fit: good, but the data do not identify dropout; " in said
    assert (
        "note: bgnbd: the data do not identify dropout per purchase, a/(a+b) = anything from 0% to 100%, by 95 % "
        in said
    )
    line = next(words for words in said.splitlines() if words.startswith("BG/NBD: "))
    assert "±" not in line.split(" a = ")[1]


def test_discrete_time_has_bounds_too():
    rng = np.random.default_rng(4)
    n = np.full(600, 6.0)
    x = (rng.random(600) < 0.04).astype(float)
    t_x = np.where(x > 0, rng.integers(1, 7, 600), 0).astype(float)
    fit = engine.fit_histories("bgbb", x, t_x, n)
    assert set(fit.bounds) == {"purchases per opportunity", "dropout per opportunity"}
    low, high = fit.bounds["purchases per opportunity"]
    assert low < fit.params["alpha"] / (fit.params["alpha"] + fit.params["beta"]) < high


def test_every_model_has_a_rate_of_purchases_and_a_share_of_dropout():
    for model in MODELS.values():
        purchases, dropout = model.rates
        assert dropout.is_share
        assert purchases.taken < 2 <= dropout.taken
