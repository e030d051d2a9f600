"""Intervals by the delta method against draws from the estimated covariance."""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from tests.support import cdnow
from whalecurve import engine
from whalecurve.engine.forecasts.clv import schedule
from whalecurve.engine.forecasts.model_fits import fit_models
from whalecurve.engine.forecasts.scores import Scores, summary_in_memory
from whalecurve.engine.models.fit_data import fit_data_of
from whalecurve.kernels import bgnbd, gamma_gamma

WINDOW = engine.Window(as_of=cdnow.CALIBRATION_END)
SCORING = engine.Scoring(horizon_days=180, risk_days=180, intervals=0.9)
COLUMNS = ("expected_purchases", "clv")


@pytest.fixture(scope="module")
def summary(tmp_path_factory):
    path = tmp_path_factory.mktemp("cdnow") / "orders.parquet"
    cdnow.sample().write_parquet(path)
    return engine.customer_summary(engine.scan_orders(path), WINDOW).collect().sort("customer_id")


@pytest.fixture(scope="module")
def scored(summary):
    models = fit_models(fit_data_of(summary, WINDOW), WINDOW, SCORING)
    return models, scored_by(models, summary, SCORING)


def scored_by(models, summary, scoring):
    histories = fit_data_of(summary, WINDOW).histories
    return Scores(summary_in_memory(summary), models, histories, WINDOW, scoring).customers().collect()


def drawn(fit, rng, n):
    params = np.array(fit.values)
    covariance = np.array(fit.covariance) / np.outer(params, params)
    return params * np.exp(rng.multivariate_normal(np.zeros(params.size), covariance, n))


def test_they_agree_with_quantiles_over_parameter_draws(scored):
    models, customers = scored
    some = customers[[0, 1, 5, 156, 508, 1515]]
    x, t_x, T, m = (some[c].cast(pl.Float64).to_numpy() for c in ("frequency", "recency", "T", "monetary_value"))
    rng = np.random.default_rng(11)
    steps = schedule(SCORING, WINDOW)
    purchases, values = [], []
    for p, s in zip(drawn(models.purchases, rng, 3000), drawn(models.spend, rng, 3000), strict=True):
        upto = [bgnbd.conditional_expected_purchases(end, x, t_x, T, *p) for end in (0.0, *steps.ends)]
        discounted = sum((b - a) * d for a, b, d in zip(upto, upto[1:], steps.discounts, strict=False))
        purchases.append(upto[-1])
        values.append(discounted * gamma_gamma.expected_value(x, m, *s))
    for column, draws in zip(COLUMNS, (purchases, values), strict=True):
        low, high = np.quantile(np.array(draws), (0.05, 0.95), axis=0)
        width = high - low
        # The delta method is linear in the log parameters, and the quantiles of 3,000 draws scatter by some per cent.
        assert (some[f"{column}_low"].to_numpy() - low) / width == pytest.approx(0.0, abs=0.12), column
        assert (some[f"{column}_high"].to_numpy() - high) / width == pytest.approx(0.0, abs=0.12), column


def test_the_estimate_lies_inside_and_purchases_stay_positive(scored):
    customers = scored[1]
    for column in COLUMNS:
        inside = customers.select(pl.col(column).is_between(pl.col(f"{column}_low"), pl.col(f"{column}_high")))
        assert inside.to_series().all()
    assert customers["expected_purchases_low"].min() > 0.0


def test_a_higher_level_is_wider_and_more_customers_make_it_narrower(summary, scored):
    narrow, wide = (scored[1]["clv_high"] - scored[1]["clv_low"]).sum(), None
    more = engine.Scoring(horizon_days=180, risk_days=180, intervals=0.99)
    customers = scored_by(scored[0], summary, more)
    wide = (customers["clv_high"] - customers["clv_low"]).sum()
    assert wide > 1.3 * narrow


def test_without_a_level_there_are_no_columns(summary, scored):
    plain = scored_by(scored[0], summary, engine.Scoring(horizon_days=180, risk_days=180))
    assert not [name for name in plain.columns if name.endswith(("_low", "_high"))]


def test_customers_without_a_purchase_have_null_bounds(tmp_path):
    frame = pl.concat(
        [
            cdnow.sample(),
            pl.DataFrame({"customer_id": [99_999], "order_ts": [date(1997, 5, 1)], "amount": [-5.0]}),
        ]
    )
    frame.write_parquet(tmp_path / "orders.parquet")
    summary = engine.customer_summary(engine.scan_orders(tmp_path / "orders.parquet"), WINDOW).collect()
    found = scored_by(fit_models(fit_data_of(summary, WINDOW), WINDOW, SCORING), summary, SCORING)
    row = found.filter(pl.col("customer_id") == 99_999).row(0, named=True)
    assert row["clv_low"] is row["expected_purchases_high"] is None


WHY = "has no standard errors: at the fitted parameters the likelihood does not bend in all directions"


@pytest.mark.parametrize(
    ("changed", "columns", "why"),
    [
        ({}, (), []),
        ({"purchases": None}, COLUMNS, [f"intervals of expected purchases and CLV are null: bgnbd {WHY}"]),
        ({"spend": None}, ("clv",), [f"intervals of CLV are null: gamma_gamma {WHY}"]),
    ],
)
def test_what_comes_out_null_says_why(summary, scored, changed, columns, why):
    fits = {name: replace(getattr(scored[0], name), covariance=cov) for name, cov in changed.items()}
    scores = Scores(
        summary_in_memory(summary), replace(scored[0], **fits), fit_data_of(summary, WINDOW).histories, WINDOW, SCORING
    )
    found = scores.customers().collect()
    assert scores.warnings == why
    for name in COLUMNS:
        assert found[f"{name}_low"].is_null().all() == (name in columns)


def test_without_models_there_are_no_intervals_and_it_is_said(summary, scored):
    histories = fit_data_of(summary, WINDOW).histories
    without = replace(scored[0], spend=None, spend_reason="too few")
    scores = Scores(summary_in_memory(summary), without, histories, WINDOW, SCORING)
    assert scores.warnings == ["intervals of CLV are null: there is no spend model"]
    nothing = replace(without, purchases=None, purchases_reason="too few", calibration=None)
    assert Scores(summary_in_memory(summary), nothing, histories, WINDOW, SCORING).warnings == [
        "no intervals: there is no purchase model"
    ]
    plain = replace(SCORING, intervals=None)
    assert Scores(summary_in_memory(summary), nothing, histories, WINDOW, plain).warnings == []


def test_customers_whose_errors_have_no_bound_are_counted(summary, scored):
    wide = np.diag(np.array(scored[0].spend.values) ** 2 * 1e6).tolist()
    fits = replace(scored[0], spend=replace(scored[0].spend, covariance=wide))
    scores = Scores(summary_in_memory(summary), fits, fit_data_of(summary, WINDOW).histories, WINDOW, SCORING)
    found = scores.customers().collect()
    n = found.filter(pl.col("clv").is_not_null() & pl.col("clv_low").is_null()).height
    assert n > 0
    assert scores.warnings == [f"intervals of clv are null for {n:,} customers: their errors have no bound"]
