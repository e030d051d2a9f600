"""What a fit with covariates says: of its coefficients, and of each customer."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from tests.support.customers_with_traits import simulated
from whalecurve.engine.errors import InputError
from whalecurve.engine.forecasts.clv import schedule
from whalecurve.engine.forecasts.own_parameters import nudged, with_own_purchases
from whalecurve.engine.models.calibration import calibrate
from whalecurve.engine.models.covariates.design import Design
from whalecurve.engine.models.covariates.effects import (
    coefficients,
    covariate_record,
    individual_params,
    likelihood_ratio,
    own_calibration,
)
from whalecurve.engine.models.covariates.fitting import fit_covariates
from whalecurve.engine.models.fitted_model import Fit
from whalecurve.engine.models.histories import collapsed
from whalecurve.engine.models.maximum_likelihood import fit_histories
from whalecurve.engine.models.purchase_models import purchase_model
from whalecurve.engine.settings import Scoring, Window

WINDOW, SCORING = Window(as_of=date(2024, 1, 1)), Scoring(risk_days=180)
PLAIN = {"bgnbd": (0.7, 9.0, 0.8, 3.0), "mbgnbd": (0.7, 9.0, 0.8, 3.0), "pnbd": (0.8, 9.0, 0.9, 20.0)}


def fit_of(model, **coefficients):
    """A fit written down by hand."""
    params = dict(zip(purchase_model(model).params, PLAIN[model], strict=True))
    params |= {name.replace("__", ":"): value for name, value in coefficients.items()}
    errors = {name: 0.1 * (i + 1) for i, name in enumerate(params)}
    return Fit(
        model=model,
        params=params,
        standard_errors=errors,
        covariance=np.diag([error**2 for error in errors.values()]).tolist(),
        log_likelihood=-100.0,
        aic=0.0,
        bic=0.0,
        n=50,
        converged=True,
        gradient_norm=0.0,
        iterations=1,
    )


def summary(x, t_x, T):
    return pl.DataFrame({"frequency": x.astype(np.uint32), "recency": t_x, "T": T})


def test_own_parameters_follow_the_documented_formulas():
    z = np.array([[0.0, 0.0], [1.0, 2.0], [-1.0, 0.5]])
    design = Design(names=("u", "v"), values=z)
    purchase = np.exp(0.3 * z[:, 0] - 0.2 * z[:, 1])
    pareto = individual_params(fit_of("pnbd", purchase__u=0.3, purchase__v=-0.2, dropout__v=0.4), design)
    assert list(pareto) == ["r", "alpha", "s", "beta"]
    assert pareto["alpha"] == pytest.approx(9.0 / purchase)
    assert pareto["beta"] == pytest.approx(20.0 * np.exp(-0.4 * z[:, 1]))
    assert (pareto["r"].tolist(), pareto["s"].tolist()) == ([0.8] * 3, [0.9] * 3)
    odds = individual_params(fit_of("bgnbd", dropout__u=0.6), design)
    assert odds["a"] == pytest.approx(0.8 * np.exp(0.3 * z[:, 0]))
    assert odds["b"] == pytest.approx(3.0 * np.exp(-0.3 * z[:, 0]))
    separate = individual_params(fit_of("bgnbd", dropout_a__u=0.6, dropout_b__v=0.5), design)
    assert separate["a"] == pytest.approx(0.8 * np.exp(0.6 * z[:, 0]))
    assert separate["b"] == pytest.approx(3.0 * np.exp(0.5 * z[:, 1]))
    common = individual_params(fit_of("bgnbd", dropout_ab__u=0.6), design)
    assert common["a"] / common["b"] == pytest.approx(0.8 / 3.0)


def test_a_design_may_have_more_columns_in_any_order_but_none_less():
    fit = fit_of("pnbd", purchase__u=0.3)
    wide = Design(names=("w", "u"), values=np.array([[5.0, 1.0]]))
    assert individual_params(fit, wide)["alpha"] == pytest.approx([9.0 * np.exp(-0.3)])
    with pytest.raises(InputError, match='the fit knows "u", which the design lacks'):
        individual_params(fit, Design(names=("w",), values=np.ones((1, 1))))


@pytest.mark.parametrize("model", PLAIN)
def test_each_customer_is_scored_with_own_parameters_and_one_without_purchase_is_null(model):
    x, t_x, T, design = simulated(model, 40)
    fit = fit_of(model, purchase__age=0.4, dropout__is_member=0.7)
    customers = summary(x, t_x, T)
    without = customers.clear(1)
    scored = with_own_purchases(
        pl.concat([customers[:7], without, customers[7:], without]), fit, design, WINDOW, SCORING
    )
    assert scored["p_alive"].null_count() == scored["discounted_purchases"].null_count() == 2
    assert scored["p_alive"][[7, -1]].to_list() == [None, None]
    scored = scored.drop_nulls()
    kernels, own = purchase_model(model), individual_params(fit, design)
    steps = schedule(SCORING, WINDOW)
    for i in range(x.size):
        params = [values[i] for values in own.values()]
        alive = kernels.p_alive(x[i], t_x[i], T[i], *params)
        upto = [0.0, *(alive * kernels.expected_if_alive(end, x[i], T[i], *params) for end in steps.ends)]
        discounted = sum((b - a) * d for a, b, d in zip(upto, upto[1:], steps.discounts, strict=False))
        bought = alive * (1.0 - kernels.no_purchase_if_alive(steps.risk, x[i], T[i], *params))
        row = scored.row(i, named=True)
        assert row["p_alive"] == pytest.approx(alive, rel=1e-13)
        assert row["expected_purchases"] == pytest.approx(upto[-1], rel=1e-13)
        assert row["discounted_purchases"] == pytest.approx(discounted, rel=1e-12)
        assert row["p_purchase"] == pytest.approx(bought, rel=1e-12)


@pytest.mark.parametrize("model", PLAIN)
def test_calibration_with_coefficients_of_0_is_the_plain_one(model):
    x, t_x, T, design = simulated(model, 500)
    plain = calibrate(collapsed(x, t_x, T), fit_of(model))
    own = own_calibration(x, T, fit_of(model, purchase__age=0.0, dropout__age=0.0), design)
    assert own.actual == plain.actual
    assert own.expected == pytest.approx(plain.expected, rel=1e-12)
    assert own.expected_repeats == pytest.approx(plain.expected_repeats, rel=1e-12)


def test_own_calibration_is_good_where_the_model_is_true():
    x, t_x, T, design = simulated("pnbd", 5_000)
    fit = fit_covariates("pnbd", x, t_x, T, design, design)
    assert own_calibration(x, T, fit, design).misplaced < 0.02


def test_calibration_of_a_sample_of_very_many_customers_is_near_that_of_all(monkeypatch):
    x, _, T, design = simulated("bgnbd", 4_000)
    fit = fit_of("bgnbd", purchase__age=0.4, dropout__age=-0.6)
    whole = own_calibration(x, T, fit, design)
    monkeypatch.setattr("whalecurve.engine.models.covariates.effects.MOST_CELLS", 1_000)
    sample = own_calibration(x, T, fit, design)
    assert sample.actual == whole.actual
    assert sample.expected != whole.expected
    # The mean of 1,000 customers whose chances differ by 0.3 or so, each bin.
    assert sample.expected == pytest.approx(whole.expected, abs=0.02 * x.size)


def test_coefficients_come_with_errors_factors_and_tests():
    rows = coefficients(fit_of("pnbd", purchase__u=0.0, dropout__u=1.2))
    assert [(row["acts_on"], row["covariate"]) for row in rows] == [("purchase", "u"), ("dropout", "u")]
    assert rows[0]["factor"] == rows[0]["p_value"] == 1.0
    assert rows[1]["z"] == pytest.approx(2.0)
    assert rows[1]["p_value"] == pytest.approx(0.04550026, abs=1e-8)  # of the normal distribution, two-sided
    assert rows[1]["factor"] == pytest.approx(np.exp(1.2))


def test_a_fit_without_standard_errors_has_coefficients_without_tests():
    fit = Fit.from_dict(fit_of("pnbd", purchase__u=0.3).to_dict() | {"standard_errors": None, "covariance": None})
    assert coefficients(fit)[0]["p_value"] is None


def test_the_likelihood_ratio_is_chi_square_with_a_degree_a_coefficient():
    x, t_x, T, design = simulated("bgnbd", 1_000)
    plain = fit_histories("bgnbd", x, t_x, T)
    fit = fit_covariates("bgnbd", x, t_x, T, design, design, plain=plain)
    test = likelihood_ratio(fit, plain)
    half = (fit.log_likelihood - plain.log_likelihood) / 1.0
    assert test.degrees == 4
    assert test.statistic == pytest.approx(2.0 * half)
    assert test.p_value == pytest.approx(np.exp(-half) * (1.0 + half), rel=1e-9)  # chi-square of 4 degrees
    with pytest.raises(InputError, match="not the same model with and without covariates"):
        likelihood_ratio(plain, plain)
    with pytest.raises(InputError, match="not the same model"):
        likelihood_ratio(fit, fit_histories("mbgnbd", x, t_x, T))


def test_the_record_is_plain_data_and_leaves_the_test_out_where_there_was_a_penalty():
    x, t_x, T, design = simulated("bgnbd", 500)
    plain = fit_histories("bgnbd", x, t_x, T)
    fit = fit_covariates("bgnbd", x, t_x, T, design, design, plain=plain)
    record = covariate_record(fit, plain, design)
    assert record["likelihood_ratio"]["degrees"] == len(record["coefficients"]) == 4
    assert record["base_levels"] == {}
    assert covariate_record(fit, plain, design, l2=1.0)["likelihood_ratio"] is None


def test_a_fit_is_nudged_on_the_scale_where_it_is_nearly_normal():
    fit = fit_of("bgnbd", purchase__u=0.0, dropout__u=-0.4)
    pairs = list(nudged(fit, 0.5))
    assert len(pairs) == len(fit.params)
    for i, (name, value) in enumerate(fit.params.items()):
        ahead, behind = pairs[i]
        error = fit.standard_errors[name]
        if ":" in name:
            assert (ahead.params[name], behind.params[name]) == pytest.approx((value + error / 2, value - error / 2))
        else:
            assert ahead.params[name] == pytest.approx(value * np.exp(0.5 * error / value))
        others = {other: v for other, v in fit.params.items() if other != name}
        assert {other: ahead.params[other] for other in others} == pytest.approx(others)
