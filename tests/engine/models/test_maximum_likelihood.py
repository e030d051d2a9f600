"""Maximum likelihood: right derivatives, the true parameters back, and plain words where data say nothing."""

from collections import Counter

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from whalecurve import engine
from whalecurve.engine.models.histories import collapsed
from whalecurve.engine.models.maximum_likelihood import _spend_likelihood, spend_cells
from whalecurve.engine.models.purchase_models import CONTINUOUS, MODELS
from whalecurve.kernels import bgbb, bgnbd, gamma_gamma, mbgnbd, pnbd

KERNELS = {"bgnbd": bgnbd, "mbgnbd": mbgnbd, "pnbd": pnbd, "bgbb": bgbb}
TRUTH = (0.5, 8.0, 0.7, 2.5)


def simulated(n, seed=1, params=TRUTH):
    """Histories drawn from BG/NBD event by event, in NumPy."""
    r, alpha, a, b = params
    rng = np.random.default_rng(seed)
    rate, dropout, T = rng.gamma(r, 1.0 / alpha, n), rng.beta(a, b, n), rng.integers(20, 120, n).astype(float)
    x, t_x, now = np.zeros(n), np.zeros(n), np.zeros(n)
    active = np.ones(n, dtype=bool)
    while active.any():
        now[active] += rng.exponential(1.0 / rate[active])
        active &= now <= T
        x[active] += 1
        t_x[active] = now[active]
        active &= rng.random(n) >= dropout
    return x, t_x, T


def opportunities(n, seed=1, params=(1.2, 0.75, 0.66, 2.8)):
    """Histories drawn from BG/BB opportunity by opportunity, in NumPy."""
    alpha, beta, gamma, delta = params
    rng = np.random.default_rng(seed)
    buys, leaves, end = rng.beta(alpha, beta, n), rng.beta(gamma, delta, n), rng.integers(3, 12, n)
    x, t_x, active = np.zeros(n), np.zeros(n), np.ones(n, dtype=bool)
    for now in range(1, 12):
        active &= (rng.random(n) >= leaves) & (now <= end)
        bought = active & (rng.random(n) < buys)
        x[bought] += 1
        t_x[bought] = now
    return x, t_x, end.astype(float)


@pytest.mark.parametrize("model", KERNELS)
@pytest.mark.parametrize("params", [TRUTH, (2.0, 0.5, 3.0, 0.4), (0.05, 100.0, 0.9, 30.0)])
def test_purchase_likelihood_is_the_sum_of_the_kernel_and_its_derivatives_are_right(model, params):
    x, t_x, T = opportunities(400) if model == "bgbb" else simulated(400)
    histories = collapsed(x, t_x, T)
    likelihood = MODELS[model].likelihood(histories)
    value, gradient, hessian = likelihood(np.array(params))
    assert value == pytest.approx(KERNELS[model].log_likelihood(x, t_x, T, *params).sum(), rel=1e-12)
    steps = 1e-7 * np.array(params)
    # Forward differences are good to about 1e-6 of the largest derivative.
    slack = 1e-5 * np.abs(gradient).max()
    assert gradient == pytest.approx(approx_fprime(params, lambda p: likelihood(p)[0], steps), rel=1e-4, abs=slack)
    numeric = approx_fprime(params, lambda p: likelihood(p)[1], steps)
    assert hessian == pytest.approx(numeric, rel=1e-4, abs=1e-5 * np.abs(hessian).max())
    assert np.array_equal(hessian, hessian.T)


@pytest.mark.parametrize("params", [(6.0, 4.0, 15.0), (0.4, 1.5, 300.0)])
def test_spend_likelihood_is_the_sum_of_the_kernel_and_its_derivatives_are_right(params):
    rng = np.random.default_rng(2)
    x, m = rng.integers(1, 20, 300).astype(float), rng.lognormal(3.0, 0.7, 300)
    likelihood = _spend_likelihood(*spend_cells(x, m, None))
    value, gradient, hessian = likelihood(np.array(params))
    assert value == pytest.approx(gamma_gamma.log_likelihood(x, m, *params).sum(), rel=1e-12)
    steps = 1e-7 * np.array(params)
    slack = 1e-5 * np.abs(gradient).max()
    assert gradient == pytest.approx(approx_fprime(params, lambda p: likelihood(p)[0], steps), rel=1e-4, abs=slack)
    numeric = approx_fprime(params, lambda p: likelihood(p)[1], steps)
    assert hessian == pytest.approx(numeric, rel=1e-4, abs=1e-5 * np.abs(hessian).max())


PAIRS = st.tuples(st.integers(1, 5), st.sampled_from([0.5, 1.0, 2.5, 1e6]))


@settings(max_examples=60, deadline=None)
@given(st.lists(PAIRS, max_size=40))
def test_customers_with_the_same_spend_are_counted_together(pairs):
    x, m = np.array([pair[0] for pair in pairs], np.uint32), np.array([pair[1] for pair in pairs])
    expected = [(x, m, n) for (x, m), n in sorted(Counter(pairs).items())]
    assert list(zip(*spend_cells(x, m, None), strict=True)) == expected
    assert list(zip(*spend_cells(x.astype(float), m, None), strict=True)) == expected
    twice = spend_cells(x, m, np.full(x.size, 2.0))
    assert list(zip(*twice, strict=True)) == [(x, m, 2.0 * n) for x, m, n in expected]


@pytest.mark.parametrize("model", ["bgnbd", "mbgnbd"])
def test_the_path_through_tables_of_whole_days_agrees_with_the_direct_one(model, monkeypatch):
    x, t_x, T = simulated(5_000)
    histories = collapsed(x, np.minimum(np.ceil(t_x), T), T)
    assert histories.coded is not None
    through_tables = MODELS[model].likelihood(histories.scaled(7.0))(np.array(TRUTH))
    monkeypatch.setattr("whalecurve.engine.models.histories.FEW_TIMES", 10**9)
    histories = collapsed(x, np.minimum(np.ceil(t_x), T), T).scaled(7.0)
    assert histories.coded is None
    direct = MODELS[model].likelihood(histories)(np.array(TRUTH))
    assert through_tables[0] == pytest.approx(direct[0], rel=1e-14)
    assert through_tables[1] == pytest.approx(direct[1], rel=1e-12, abs=1e-12 * np.abs(direct[1]).max())
    assert through_tables[2] == pytest.approx(direct[2], rel=1e-12, abs=1e-12 * np.abs(direct[2]).max())


def test_the_true_parameters_come_back_within_four_standard_errors():
    fit = engine.fit_histories("bgnbd", *simulated(40_000))
    assert fit.converged
    assert fit.gradient_norm < 1e-8
    for name, true in zip(fit.params, TRUTH, strict=True):
        assert abs(fit.params[name] - true) < 4.0 * fit.standard_errors[name], name


def test_the_true_parameters_of_the_beta_binomial_come_back():
    truth = (1.2, 0.75, 0.66, 2.8)
    fit = engine.fit_histories("bgbb", *opportunities(40_000, params=truth))
    assert fit.converged
    for name, true in zip(fit.params, truth, strict=True):
        assert abs(fit.params[name] - true) < 4.0 * fit.standard_errors[name], name


def test_the_beta_binomial_counts_opportunities():
    with pytest.raises(engine.InputError, match="whole numbers"):
        engine.fit_histories("bgbb", [1, 2], [1.5, 2.0], [3.0, 4.0])
    with pytest.raises(engine.InputError, match="x <= t_x"):
        engine.fit_histories("bgbb", [1, 3], [1.0, 2.0], [3.0, 4.0])
    with pytest.raises(engine.InputError, match=r"n=1e\+08 .* up to 10,000,000"):
        engine.fit_histories("bgbb", [1, 0], [1.0, 0.0], [4.0, 1e8])


def test_a_fit_does_not_depend_on_the_order_of_rows_or_on_how_they_are_counted():
    x, t_x, T = simulated(3_000)
    t_x, T = np.floor(t_x), np.ceil(T)
    t_x[(x > 0) & (t_x == 0)] = 1.0
    whole = engine.fit_histories("bgnbd", x, t_x, T)
    shuffled = np.random.default_rng(3).permutation(x.size)
    counted = pl.DataFrame({"x": x, "t": t_x, "T": T}).group_by("x", "t", "T").agg(n=pl.len())
    assert engine.fit_histories("bgnbd", x[shuffled], t_x[shuffled], T[shuffled]) == whole
    assert engine.fit_histories("bgnbd", counted["x"], counted["t"], counted["T"], counted["n"]) == whole


def test_time_may_be_counted_in_another_unit():
    x, t_x, T = simulated(2_000)
    days, weeks = engine.fit_histories("bgnbd", x, t_x, T), engine.fit_histories("bgnbd", x, t_x / 7.0, T / 7.0)
    for name in ("r", "a", "b"):
        assert weeks.params[name] == pytest.approx(days.params[name], rel=1e-6)
    assert weeks.params["alpha"] == pytest.approx(days.params["alpha"] / 7.0, rel=1e-6)
    assert weeks.log_likelihood == pytest.approx(days.log_likelihood + x.sum() * np.log(7.0), rel=1e-12)


def test_money_may_be_counted_in_another_currency():
    rng = np.random.default_rng(5)
    x, m = rng.integers(1, 9, 500).astype(float), rng.lognormal(3.0, 0.5, 500)
    here, there = engine.fit_spend(x, m), engine.fit_spend(x, 1000.0 * m)
    assert there.params["v"] == pytest.approx(1000.0 * here.params["v"], rel=1e-6)
    assert [there.params[k] for k in "pq"] == pytest.approx([here.params[k] for k in "pq"], rel=1e-6)
    density = gamma_gamma.log_likelihood(x, m, *here.values).sum()
    assert here.log_likelihood == pytest.approx(density, rel=1e-12)


def test_many_histories_reach_the_same_top_as_a_climb_from_every_start(monkeypatch):
    x, t_x, T = simulated(30_000)
    through_a_coarser_copy = engine.fit_histories("bgnbd", x, t_x, T)
    monkeypatch.setattr("whalecurve.engine.models.maximum_likelihood.MANY_HISTORIES", 10**9)
    direct = engine.fit_histories("bgnbd", x, t_x, T)
    assert through_a_coarser_copy.params == pytest.approx(direct.params, rel=1e-8)
    assert through_a_coarser_copy.log_likelihood == pytest.approx(direct.log_likelihood, rel=1e-13)


def test_a_penalty_draws_log_parameters_towards_zero_and_keeps_the_likelihood_apart():
    x, t_x, T = simulated(2_000)
    free = engine.fit_histories("bgnbd", x, t_x, T)
    mild, strong = (engine.fit_histories("bgnbd", x, t_x, T, l2=l2) for l2 in (1.0, 100.0))
    scale = T.mean()

    def length(fit):
        return sum(np.log(fit.params[name] / (scale if name == "alpha" else 1.0)) ** 2 for name in fit.params)

    assert length(free) > length(mild) > length(strong)
    assert free.log_likelihood > mild.log_likelihood > strong.log_likelihood
    assert strong.log_likelihood == pytest.approx(bgnbd.log_likelihood(x, t_x, T, *strong.values).sum(), rel=1e-12)
    assert strong.converged
    weekly = engine.fit_histories("bgnbd", x, t_x / 7.0, T / 7.0, l2=100.0)
    assert weekly.params["alpha"] == pytest.approx(strong.params["alpha"] / 7.0, rel=1e-6)


@pytest.mark.parametrize(
    ("x", "t_x", "T", "why"),
    [
        ([], [], [], "no customer has a purchase"),
        ([3], [5.0], [9.0], "one customer"),
        ([0, 0, 0], [0, 0, 0], [0, 0, 0], "last day observed"),
        ([0, 0, 0], [0, 0, 0], [5, 6, 7], "none of 3 customers bought again"),
    ],
)
def test_data_that_tell_nothing_are_refused_with_the_reason(x, t_x, T, why):
    with pytest.raises(engine.NotIdentifiedError, match=why):
        engine.fit_histories("bgnbd", x, t_x, T)


@pytest.mark.parametrize(
    "row",
    [(1.5, 1.0, 2.0), (1, 3.0, 2.0), (0, 1.0, 2.0), (-1, 0.0, 2.0), (1, float("nan"), 2.0), (1, 1.0, float("inf"))],
)
def test_a_row_that_no_customer_can_have_is_named(row):
    with pytest.raises(engine.InputError, match="row 1 has"):
        engine.fit_histories("bgnbd", [2, row[0]], [1.0, row[1]], [3.0, row[2]])


def test_customers_who_never_leave_are_reported_not_hidden():
    rng = np.random.default_rng(8)
    T = rng.integers(50, 100, 3_000).astype(float)
    x = rng.poisson(rng.gamma(2.0, 0.05, T.size) * T).astype(float)
    t_x = np.where(x > 0, T * (x / (x + 1.0)), 0.0)
    fit = engine.fit_histories("bgnbd", x, t_x, T)
    assert any("a and b" in words or " b " in words for words in fit.warnings), fit


def alike(n=60):
    return np.full(n, 3.0), np.full(n, 10.0), np.full(n, 20.0)


def every_day(n=60):
    T = np.random.default_rng(0).integers(20, 100, n).astype(float)
    return T, T, T


def left_at_once(n=60):
    return np.full(n, 2.0), np.full(n, 2.0), np.full(n, 1000.0)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("model", CONTINUOUS)
@pytest.mark.parametrize("histories", [alike, every_day, left_at_once])
def test_parameters_that_run_to_their_limits_are_named_with_what_holds_all_the_same(model, histories):
    x, t_x, T = histories()
    fit = engine.fit_histories(model, x, t_x, T)
    assert np.isfinite(fit.values).all()
    assert np.isfinite(fit.log_likelihood)
    says = "the data do not identify dropout" if fit.prior is not None else "cannot be estimated"
    assert any(says in words and "r/alpha = " in words for words in fit.warnings)


def test_daily_baskets_without_dropout_give_the_rate_that_is_in_the_data():
    """Grocery baskets bought all the time: b runs away, and the mean rate is still right."""
    rng = np.random.default_rng(6)
    T = np.full(800, 90.0)
    x = rng.binomial(89, 0.5, 800).astype(float)
    fit = engine.fit_histories("bgnbd", x, np.where(x > 0, 89.0, 0.0), T)
    assert any("dropout per purchase, a/(a+b) = at most 0.2" in words for words in fit.warnings)
    assert fit.params["r"] / fit.params["alpha"] == pytest.approx(x.mean() / 90.0, rel=1e-3)


def test_equal_spend_of_everyone_does_not_crash():
    fit = engine.fit_spend([1, 2, 3, 4], [10.0, 10.0, 10.0, 10.0])
    assert fit.warnings
    assert not fit.converged


def test_spend_without_a_mean_says_so():
    rng = np.random.default_rng(4)
    x = rng.integers(1, 4, 4_000).astype(float)
    m = 10.0 / rng.gamma(0.6, 1.0, x.size)  # tail exponent 0.6
    fit = engine.fit_spend(x, m)
    assert fit.params["q"] < 1.0
    assert any("no mean" in words for words in fit.warnings)


@pytest.mark.parametrize(("x", "m", "n"), [([1, 0], [-3.0, 0.0], 0), ([1, 2], [5.0, -1.0], 1)])
def test_spend_needs_two_customers_with_positive_means(x, m, n):
    with pytest.raises(engine.NotIdentifiedError, match=f"^{n} repeat customer"):
        engine.fit_spend(x, m)


def test_a_fit_survives_saving_and_loading(tmp_path):
    fit = engine.fit_histories("bgnbd", *simulated(500), unit="day")
    fit.save(tmp_path / "fit.json")
    assert engine.Fit.load(tmp_path / "fit.json") == fit


def test_a_file_that_is_no_fit_is_refused(tmp_path):
    (tmp_path / "fit.json").write_text('{"a": 1}')
    with pytest.raises(engine.InputError, match="not a saved fit"):
        engine.Fit.load(tmp_path / "fit.json")
    with pytest.raises(engine.InputError, match=r"cannot be read \(No such file"):
        engine.Fit.load(tmp_path / "nothing.json")
