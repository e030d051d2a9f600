"""Stages of gaps: right derivatives, the number chosen, what one stage is, and logs that tell nothing."""

import math

import numpy as np
import polars as pl
import pytest
from scipy.optimize import approx_fprime

from tests.support import cdnow
from whalecurve import engine
from whalecurve.engine.models.histories import collapsed
from whalecurve.engine.models.purchase_models import MODELS
from whalecurve.kernels import bgcnbd, mbgcnbd

KERNELS = {"bgcnbd": bgcnbd, "mbgcnbd": mbgcnbd}
TRUTH = (3, 1.5, 4.0, 0.7, 4.0)


def drawn(n, truth=TRUTH, seed=1, tosses=1):
    """Histories and gaps drawn from the model event by event, in NumPy."""
    k, r, alpha, a, b = truth
    rng = np.random.default_rng(seed)
    rate, dropout, T = rng.gamma(r, 1.0 / alpha, n), rng.beta(a, b, n), rng.integers(40, 200, n).astype(float)
    x, t_x, log_gaps = np.zeros(n), np.zeros(n), np.zeros(n)
    active = rng.random(n) >= dropout if tosses else np.ones(n, dtype=bool)
    while active.any():
        gap = rng.gamma(k, 1.0, n) / rate
        active &= t_x + gap <= T
        x[active] += 1
        t_x[active] += gap[active]
        log_gaps[active] += np.log(gap[active])
        active &= rng.random(n) >= dropout
    return x, t_x, T, log_gaps


@pytest.mark.parametrize("model", KERNELS)
@pytest.mark.parametrize("k", [2, 5])
@pytest.mark.parametrize("params", [(0.5, 8.0, 0.7, 2.5), (2.0, 0.5, 3.0, 0.4), (0.05, 100.0, 0.9, 30.0)])
def test_the_likelihood_is_the_sum_of_the_kernel_and_its_derivatives_are_right(model, k, params):
    x, t_x, T, log_gaps = drawn(300)
    histories = collapsed(x, t_x, T)
    assert MODELS[model].at_stages is not None
    likelihood = MODELS[model].at_stages(k).likelihood(histories)
    value, gradient, hessian = likelihood(np.array(params))
    whole = KERNELS[model].log_likelihood(x, t_x, T, log_gaps, float(k), *params).sum()
    rhythm = (k - 1.0) * log_gaps.sum() - x.sum() * math.lgamma(k)
    assert value + rhythm == pytest.approx(whole, rel=1e-12)
    steps = 1e-7 * np.array(params)
    slack = 1e-5 * np.abs(gradient).max()
    assert gradient == pytest.approx(approx_fprime(params, lambda p: likelihood(p)[0], steps), rel=1e-4, abs=slack)
    numeric = approx_fprime(params, lambda p: likelihood(p)[1], steps)
    assert hessian == pytest.approx(numeric, rel=1e-4, abs=1e-5 * np.abs(hessian).max())
    assert np.array_equal(hessian, hessian.T)


def test_the_path_through_tables_of_whole_days_agrees_with_the_direct_one(monkeypatch):
    x, t_x, T, _ = drawn(5_000)
    of_three = MODELS["mbgcnbd"].at_stages(3)
    histories = collapsed(x, np.minimum(np.ceil(t_x), T), T)
    assert histories.coded is not None
    through_tables = of_three.likelihood(histories.scaled(7.0))(np.array(TRUTH[1:]))
    monkeypatch.setattr("whalecurve.engine.models.histories.FEW_TIMES", 10**9)
    direct = of_three.likelihood(collapsed(x, np.minimum(np.ceil(t_x), T), T).scaled(7.0))(np.array(TRUTH[1:]))
    for mine, its in zip(through_tables, direct, strict=True):
        assert mine == pytest.approx(its, rel=1e-12, abs=1e-12 * np.abs(its).max())


@pytest.fixture(scope="module")
def log():
    return drawn(6_000)


@pytest.fixture(scope="module")
def fit(log):
    x, t_x, T, log_gaps = log
    return engine.fit_histories("mbgcnbd", x, t_x, T, log_gaps=log_gaps.sum(), unit="day")


def test_the_true_number_of_stages_and_parameters_come_back(log, fit):
    x, t_x, T, log_gaps = log
    assert (fit.model, fit.params["k"]) == ("mbgcnbd", 3.0)
    assert fit.converged
    for name, true in zip(("r", "alpha", "a", "b"), TRUTH[1:], strict=True):
        assert abs(fit.params[name] - true) < 4.0 * fit.standard_errors[name], name
    assert "k" not in fit.standard_errors
    assert np.array(fit.covariance)[0].tolist() == [0.0] * 5
    assert fit.log_likelihood == pytest.approx(
        mbgcnbd.log_likelihood(x, t_x, T, log_gaps, *fit.values).sum(), rel=1e-12
    )
    assert fit.bic == pytest.approx(5.0 * math.log(x.size) - 2.0 * fit.log_likelihood)  # k counts as a parameter


def test_other_numbers_of_stages_are_less_likely(log, fit):
    x, t_x, T, log_gaps = log
    for k in (2, 4):
        other = engine.fit_histories("mbgcnbd", x, t_x, T, stages=k, log_gaps=log_gaps.sum())
        assert other.log_likelihood < fit.log_likelihood
        assert other.bic == pytest.approx(4.0 * math.log(x.size) - 2.0 * other.log_likelihood)  # k was given


def test_a_fit_does_not_depend_on_the_unit_of_time_or_the_order_of_rows(log, fit):
    x, t_x, T, log_gaps = log
    weeks = engine.fit_histories("mbgcnbd", x, t_x / 7.0, T / 7.0, log_gaps=log_gaps.sum() - x.sum() * math.log(7.0))
    assert weeks.params["k"] == 3.0
    assert weeks.params["alpha"] == pytest.approx(fit.params["alpha"] / 7.0, rel=1e-6)
    assert weeks.log_likelihood == pytest.approx(fit.log_likelihood + x.sum() * math.log(7.0), rel=1e-11)
    shuffled = np.random.default_rng(3).permutation(x.size)
    again = engine.fit_histories(
        "mbgcnbd", x[shuffled], t_x[shuffled], T[shuffled], log_gaps=log_gaps.sum(), unit="day"
    )
    assert again == fit


def test_customers_without_a_rhythm_get_one_stage_and_the_fit_of_the_model_without():
    sample = cdnow.sample()
    days = sample.select("customer_id", day=pl.col("order_ts").dt.date()).unique().sort("customer_id", "day")
    days = days.filter(pl.col("day") <= cdnow.CALIBRATION_END)
    gaps = days.with_columns(gap=pl.col("day").diff().over("customer_id").dt.total_days() / 7.0)["gap"].drop_nulls()
    table = days.group_by("customer_id").agg(x=pl.len() - 1, first=pl.col("day").min(), last=pl.col("day").max())
    x = table["x"].to_numpy()
    last_day = pl.Series([cdnow.CALIBRATION_END])
    t_x, T = ((end - table["first"]).dt.total_days().to_numpy() / 7.0 for end in (table["last"], last_day))
    plain = engine.fit_histories("mbgnbd", x, t_x, T)
    fit = engine.fit_histories("mbgcnbd", x, t_x, T, log_gaps=float(gaps.log().sum()))
    assert fit.params == {"k": 1.0, **plain.params}
    assert fit.log_likelihood == plain.log_likelihood
    assert fit.standard_errors == plain.standard_errors
    (words,) = fit.warnings
    assert words.startswith("k = 1: gaps between purchases are no more regular than by chance")
    # Published for MBG/NBD on this log (lifetimes, tests/test_estimation.py).
    assert [fit.params[name] for name in ("r", "alpha", "a", "b")] == pytest.approx(
        [0.525, 6.183, 0.891, 1.614], abs=2e-3
    )


@pytest.mark.parametrize(
    ("x", "t_x", "T", "why"),
    [
        ([], [], [], "no customer has a purchase"),
        ([3], [5.0], [9.0], "one customer"),
        ([0, 0, 0], [0, 0, 0], [0, 0, 0], "last day observed"),
        ([0, 0, 0], [0, 0, 0], [5, 6, 7], "none of 3 customers bought again"),
    ],
)
def test_logs_that_tell_nothing_are_named(x, t_x, T, why):
    with pytest.raises(engine.errors.NotIdentifiedError, match=why):
        engine.fit_histories("mbgcnbd", x, t_x, T, log_gaps=0.0)


@pytest.mark.parametrize("model", KERNELS)
@pytest.mark.parametrize(
    ("x", "t_x", "T", "gap"),
    [
        ([5] * 40, [50.0] * 40, [60.0] * 40, 10.0),  # all histories the same
        ([3000, 2500], [3000.0, 2500.0], [3001.0, 2600.0], 1.0),  # very many purchases, one a day
        ([1, 0, 0, 0], [4.0, 0, 0, 0], [90.0, 80.0, 70.0, 60.0], 4.0),  # one who came back
    ],
)
def test_degenerate_logs_give_numbers_and_a_warning(model, x, t_x, T, gap):
    x, t_x, T = (np.asarray(values, dtype=float) for values in (x, t_x, T))
    fit = engine.fit_histories(model, x, t_x, T, log_gaps=x.sum() * math.log(gap))
    assert fit.warnings
    alive, ahead = fit.p_alive(x, t_x, T), fit.predict(30.0, x, t_x, T)
    assert np.isfinite(fit.log_likelihood)
    assert ((alive >= 0.0) & (alive <= 1.0)).all()
    assert (ahead >= 0.0).all()
    assert np.isfinite(ahead).all()
    assert np.isfinite(KERNELS[model].expected_purchases(np.array([1.0, 365.0]), *fit.values)).all()


def test_stages_that_cannot_be_chosen_are_refused():
    history = ([1, 0, 2], [3.0, 0.0, 5.0], [9.0, 9.0, 9.0])
    with pytest.raises(engine.InputError, match="which are not known here; give log_gaps"):
        engine.fit_histories("bgcnbd", *history)
    for wrong in (0, 13, 1.5):
        with pytest.raises(engine.InputError, match="is not a number of stages; give a whole number from 1 to 12"):
            engine.fit_histories("bgcnbd", *history, stages=wrong)
    with pytest.raises(engine.InputError, match="bgnbd has none; leave them out, or choose bgcnbd or mbgcnbd"):
        engine.fit_histories("bgnbd", *history, stages=2)
