"""A log of customers who buy in a rhythm, scored by MBG/CNBD-k: all that follows works with it, or says that not."""

import math

import numpy as np
import polars as pl
import pytest

from whalecurve import engine
from whalecurve.engine.statistics import beta_nodes
from whalecurve.kernels import mbgcnbd

RHYTHMIC = engine.Simulation(
    customers=700, days=540, seed=5, model="mbgcnbd", regularity=4, planted=False, purchase=(2.0, 8.0, 0.5, 8.0)
)
SCORING = engine.Scoring(model="mbgcnbd", horizon_days=90, intervals=0.9)


@pytest.fixture(scope="module")
def orders(tmp_path_factory):
    return engine.simulate(RHYTHMIC, tmp_path_factory.mktemp("rhythmic") / "shop").orders


@pytest.fixture(scope="module")
def run(orders, tmp_path_factory):
    return engine.score(orders, out=tmp_path_factory.mktemp("scored") / "scores", scoring=SCORING)


@pytest.fixture(scope="module")
def customers(run):
    return pl.read_parquet(run.out / "customers")


def params_of(run):
    return tuple(run.model["transactions"]["params"].values())


def test_the_rhythm_that_was_drawn_is_found(run):
    fit = run.model["transactions"]
    assert fit["model"] == "mbgcnbd"
    assert fit["params"]["k"] == 4.0
    for name, true in zip(("r", "alpha", "a", "b"), (2.0, 8.0, 0.5, 8.0), strict=True):
        assert abs(fit["params"][name] - true) < 4.0 * fit["standard_errors"][name], name


def test_customers_are_scored_by_their_whole_history(run, customers):
    params = params_of(run)
    x, t_x, T = (customers[name].cast(pl.Float64).to_numpy() for name in ("frequency", "recency", "T"))
    alive, ahead = mbgcnbd.p_alive(x, t_x, T, *params), mbgcnbd.expected_if_alive(90.0, x, t_x, T, *params)
    quiet = mbgcnbd.p_no_purchase_if_alive(float(run.model["risk"]["horizon_days"]), x, t_x, T, *params)
    assert customers["p_alive"].to_numpy() == pytest.approx(alive, rel=1e-12)
    assert customers["expected_purchases"].to_numpy() == pytest.approx(alive * ahead, rel=1e-12)
    assert customers["p_purchase"].to_numpy() == pytest.approx(alive * (1.0 - quiet), rel=1e-10)
    assert (customers["expected_purchases_low"] <= customers["expected_purchases"]).all()
    assert (customers["expected_purchases"] <= customers["expected_purchases_high"]).all()
    assert customers.select(pl.selectors.float().is_nan().any()).row(0) == (False,) * len(
        customers.select(pl.selectors.float()).columns
    )


def test_auto_takes_the_model_with_stages_and_says_what_it_was_held_against(orders, tmp_path):
    run = engine.score(orders, out=tmp_path / "scores", scoring=engine.Scoring(model="auto"))
    selection = run.model["selection"]
    errors = {c["model"]: c["holdout_error"] for c in selection["candidates"]}
    assert tuple(errors) == ("bgnbd", "mbgnbd", "pnbd", "mbgcnbd")
    assert selection["model"] == run.model["transactions"]["model"] == "mbgcnbd"
    assert errors["mbgcnbd"] < min(errors[name] for name in ("bgnbd", "mbgnbd", "pnbd"))


def test_a_backtest_chooses_stages_from_the_past_and_predicts_better(orders):
    with_stages, without = (engine.validate(orders, holdout_days=90, model=name) for name in ("mbgcnbd", "mbgnbd"))
    assert with_stages.fits["mbgcnbd"].purchases.params["k"] == 4.0
    assert with_stages.assessments[0].purchases.rmse < without.assessments[0].purchases.rmse
    assert with_stages.assessments[0].probability.brier < without.assessments[0].probability.brier


def test_a_newcomer_without_a_horizon_is_an_average_over_rate_and_dropout(run):
    row = engine.value_newcomers(run.out).groups.row(0, named=True)
    k, r, alpha, a, b = params_of(run)
    delta = math.log1p(0.1) / 365.25
    p, weights = beta_nodes(a, b + 1.0)
    u = np.linspace(-60.0 / r, math.log(r + 200.0), 20_000)
    density = np.exp(r * u - np.exp(u))
    passed = (np.exp(u) / (np.exp(u) + delta * alpha)) ** k  # the discount on the time of k stages
    each = passed[:, None] / (1.0 - (1.0 - p) * passed[:, None]) @ weights
    assert row["dert"] == pytest.approx(b / (a + b) * float(density @ each / density.sum()), rel=1e-7)
    assert row["expected_purchases"] == pytest.approx(
        float(mbgcnbd.expected_purchases(90.0, k, r, alpha, a, b)), rel=1e-12
    )


def test_another_log_is_scored_by_the_same_models(orders, run, customers, tmp_path):
    again = engine.score(orders, out=tmp_path / "scores", thresholds=run.out)
    scored = pl.read_parquet(again.out / "customers")
    assert scored["p_alive"].equals(customers["p_alive"])
    assert scored["expected_purchases"].equals(customers["expected_purchases"])


@pytest.mark.parametrize(
    ("scoring", "why"),
    [
        ({"season": "auto"}, "goes with models without stages, unlike mbgcnbd; leave it out, or choose one of bgnbd"),
        ({"fit_by": "cohort"}, "goes with models without stages, unlike mbgcnbd"),
        ({"covariates": "traits.parquet"}, "goes with `model` bgnbd, mbgnbd, pnbd, not with mbgcnbd"),
    ],
)
def test_what_needs_steady_rates_is_refused(orders, tmp_path, scoring, why):
    with pytest.raises(engine.InputError, match=why):
        engine.score(orders, out=tmp_path / "scores", scoring=engine.Scoring(model="mbgcnbd", **scoring))
    assert not (tmp_path / "scores").exists()


def test_changes_and_what_is_left_for_ever_are_refused(run):
    with pytest.raises(engine.InputError, match="changes cannot be supposed on mbgcnbd"):
        engine.whatif(run.out, levers={"retention": 0.1})
    with pytest.raises(engine.InputError, match=r"is of the models without stages, and .* was scored by mbgcnbd"):
        engine.value_newcomers(run.out, settings={"residual": True})


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"regularity": 3}, "regularity=3 is of `model` bgcnbd or mbgcnbd; choose one"),
        ({"model": "bgcnbd", "regularity": 13}, "regularity is 13, expected a whole number from 1 to 12"),
        (
            {"model": "mbgcnbd", "orders": 1000},
            "customers make so many by mbgcnbd is not known; give customers",
        ),
    ],
)
def test_rhythms_that_cannot_be_drawn_are_refused(settings, why):
    with pytest.raises(engine.InputError, match=why):
        engine.Simulation(**settings)
