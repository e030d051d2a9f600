"""Which models are fitted, and what a run makes of the choice of a spend model."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from tests.support.commands import printed, printed_json
from whalecurve import engine
from whalecurve.kernels import credibility

MEAN = engine.Scoring(spend="mean", intervals=0.9)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A shop with so heavy a tail of spend that Gamma-Gamma has no mean; one customer in ten makes losses."""
    folder, rng, lines = tmp_path_factory.mktemp("heavy"), np.random.default_rng(4), []
    for customer in range(600):
        level = 5.0 * rng.pareto(0.7) + 1.0
        for day in rng.integers(0, 360, 1 + rng.geometric(0.4)):
            amount = level * rng.uniform(0.5, 1.5)
            margin = -amount if customer % 10 == 0 else 0.4 * amount
            lines.append((customer, date(2024, 1, 1) + timedelta(days=int(day)), round(amount, 2), round(margin, 2)))
    frame = pl.DataFrame(lines, schema=["customer_id", "order_ts", "amount", "margin"], orient="row")
    frame.write_parquet(folder / "orders.parquet")
    return folder


@pytest.fixture(scope="module")
def by_mean(folder):
    run = engine.score(folder / "orders.parquet", out=folder / "mean", scoring=MEAN, measures=False)
    return run, pl.read_parquet(run.out / "customers").sort("customer_id")


def test_where_gamma_gamma_has_no_mean_the_note_says_what_does(folder, tmp_path):
    run = engine.score(folder / "orders.parquet", out=tmp_path / "usual", measures=False)
    assert run.model["spend"]["params"]["q"] <= 1.0
    assert run.model["definitions"]["spend"] == "gamma-gamma"
    assert pl.read_parquet(run.out / "customers")["clv"].null_count() == 600
    said = next(words for words in run.manifest["warnings"] if words.startswith("no spend model: "))
    assert 'spend="mean" takes customers\' own means, shrunk towards a robust mean of all' in said
    assert run.model["spend"]["reason"] in said
    assert "--spend mean takes customers' own means" in printed(
        "score", folder / "orders.parquet", "--out", tmp_path / "again", "--no-measures", "--full"
    )


def test_every_customer_has_a_shrunken_mean_and_a_clv(by_mean):
    run, customers = by_mean
    spend = run.model["spend"]
    assert (spend["model"], spend["reason"], spend["n_left_out"]) == ("mean", None, 0)
    assert customers["clv"].null_count() == 0
    x, m = (customers[name].cast(pl.Float64).to_numpy() for name in ("frequency", "monetary_value"))
    expected = credibility.expected_value(x, m, *spend["params"].values())
    assert customers["expected_value"].to_numpy() == pytest.approx(expected, rel=1e-12)
    new = customers.filter(pl.col("frequency") == 0)
    assert new["expected_value"].to_list() == pytest.approx([spend["params"]["mean"]] * new.height, rel=1e-12)
    assert run.model["definitions"]["spend"] == "mean"


def test_losses_make_a_negative_clv(by_mean):
    customers = by_mean[1].filter((pl.col("customer_id") % 10 == 0) & (pl.col("frequency") > 3))
    assert customers.height > 5
    assert (customers["clv"] < 0.0).all()


def test_intervals_hold_the_uncertainty_of_mean_and_weight(by_mean):
    run, customers = by_mean
    assert (customers["clv_low"] <= customers["clv"]).all()
    assert (customers["clv"] <= customers["clv_high"]).all()
    # without repeat purchases the value is the mean alone: variances of logs add, those of purchases being known
    spend = run.model["spend"]
    z = 1.6448536269514722
    of_value = z * spend["standard_errors"]["mean"] / spend["params"]["mean"]
    new = customers.filter(pl.col("frequency") == 0)
    half = np.log(new["clv_high"].to_numpy() / new["clv"].to_numpy())
    assert (half >= of_value * (1.0 - 1e-9)).all()
    assert customers["clv_high"].null_count() == 0


def test_an_old_run_hands_its_mean_and_weight_on(folder, by_mean, tmp_path):
    run, customers = by_mean
    again = engine.score(folder / "orders.parquet", out=tmp_path / "again", thresholds=run.out, measures=False)
    assert again.model["spend"] == run.model["spend"]
    assert again.model["definitions"]["spend"] == "mean"
    found = pl.read_parquet(again.out / "customers").sort("customer_id")
    assert found["clv"].to_list() == customers["clv"].to_list()
    usual = engine.Scoring(spend="gamma-gamma", intervals=0.9)
    with pytest.raises(engine.InputError, match=r"spend.*mean.* there, .*gamma-gamma"):
        engine.score(folder / "orders.parquet", out=tmp_path / "x", thresholds=run.out, scoring=usual)


def test_results_by_different_spend_models_are_not_compared_unasked(folder, by_mean, tmp_path):
    usual = engine.score(folder / "orders.parquet", out=tmp_path / "usual", scoring=engine.Scoring(), measures=False)
    with pytest.raises(engine.InputError, match='spend "gamma-gamma" against "mean"'):
        engine.compare(usual.out, by_mean[0].out)


def test_validation_predicts_value_by_the_mean(folder):
    window = {"holdout_days": 90, "model": "bgnbd"}
    usual = engine.validate(folder / "orders.parquet", **window)
    found = engine.validate(folder / "orders.parquet", scoring=engine.Scoring(spend="mean"), **window)
    assert usual.best.value is None
    assert found.best.value is not None
    assert found.best.value.n_customers == found.n_customers
    said = printed_json("validate", folder / "orders.parquet", "--model", "bgnbd", "--spend", "mean")
    assert said["predictions"][0]["value"]["predicted"] == pytest.approx(found.best.value.predicted, rel=1e-12)


def test_an_unknown_spend_model_is_refused():
    with pytest.raises(
        engine.InputError,
        match='`spend` "median" is unknown; choose one of gamma-gamma, credibility, mean, freq',
    ):
        engine.Scoring(spend="median")


def test_a_spend_model_that_follows_frequency_is_not_said_to_take_the_two_for_independent(tmp_path):
    rng = np.random.default_rng(8)
    orders = [2, 3, 4, 6, 9, 14] * 30
    lines = [
        (customer, date(2024, 1, 1) + timedelta(days=int(day)), 10.0 * n + float(rng.uniform(0.0, 5.0)))
        for customer, n in enumerate(orders)
        for day in rng.choice(360, n, replace=False)
    ]
    pl.DataFrame(lines, schema=["customer_id", "order_ts", "amount"], orient="row").write_parquet(
        tmp_path / "o.parquet"
    )
    said, pages = {}, {}
    for spend in ("credibility", "frequency"):
        run = engine.score(tmp_path / "o.parquet", out=tmp_path / spend, scoring={"spend": spend}, measures=False)
        assert run.model["spend"]["correlation_frequency_monetary_value"] > 0.9
        said[spend] = any("correlate" in words for words in run.manifest["warnings"])
        pages[spend] = "frequency and value as independent" in engine.report(run.out).html
    assert said == {"credibility": True, "frequency": False}
    assert pages == {"credibility": True, "frequency": False}
