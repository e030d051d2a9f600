"""Covariates through the whole job: found in the orders' customers, recorded, and felt in the scores."""

import numpy as np
import polars as pl
import pytest

from whalecurve import engine


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Customers of two kinds: half of them simulated to buy at another shop's pace."""
    folder = tmp_path_factory.mktemp("covariates")
    for name, purchase in (("slow", (0.6, 40.0, 0.8, 4.0)), ("fast", (0.6, 12.0, 0.8, 4.0))):
        engine.simulate(engine.Simulation(customers=1500, seed=3, planted=False, purchase=purchase), folder / name)
    parts = [
        pl.read_parquet(folder / name / "orders").with_columns(pl.col("customer_id") + shift)
        for name, shift in (("slow", 0), ("fast", 10_000))
    ]
    pl.concat(parts).select("customer_id", "order_ts", "amount", "margin").write_parquet(folder / "orders.parquet")
    customers = pl.concat(parts)["customer_id"].unique().sort()
    traits = pl.DataFrame({"customer_id": customers, "is_fast": customers > 10_000})
    noise = np.random.default_rng(1).normal(size=customers.len())
    traits.with_columns(noise=pl.Series(noise)).write_parquet(folder / "customers.parquet")
    return folder


@pytest.fixture(scope="module")
def run(shop):
    scoring = engine.Scoring(covariates=str(shop / "customers.parquet"), intervals=0.9)
    return engine.score(shop / "orders.parquet", out=shop / "scores", scoring=scoring)


def test_the_planted_difference_is_found_and_noise_is_not(run):
    found = {(row["acts_on"], row["covariate"]): row for row in run.model["covariates"]["coefficients"]}
    fast = found["purchase", "is_fast"]
    assert abs(fast["coefficient"] - np.log(40.0 / 12.0)) < 4.0 * fast["standard_error"]
    assert found["purchase", "noise"]["p_value"] > 1e-3
    assert run.model["covariates"]["likelihood_ratio"]["p_value"] < 1e-6


def test_customers_are_scored_by_their_own_parameters(run, shop):
    traits = pl.read_parquet(shop / "customers.parquet")
    customers = pl.read_parquet(run.out / "customers").join(traits, on="customer_id")
    once = customers.filter(pl.col("frequency") == 0).group_by("is_fast")
    once = once.agg(pl.col("p_purchase").mean()).sort("is_fast")
    assert customers["clv"].null_count() == 0
    assert customers["clv_low"].null_count() == 0
    assert once["p_purchase"][0] != pytest.approx(once["p_purchase"][1], rel=0.05)


def test_a_customer_without_traits_is_named(shop, tmp_path):
    pl.read_parquet(shop / "customers.parquet").head(10).write_parquet(tmp_path / "few.parquet")
    scoring = engine.Scoring(covariates=str(tmp_path / "few.parquet"))
    with pytest.raises(engine.InputError, match=r"few\.parquet"):
        engine.score(shop / "orders.parquet", out=tmp_path / "scores", scoring=scoring)
    assert not (tmp_path / "scores").exists()


def test_covariates_and_opportunities_do_not_go_together(shop, tmp_path):
    scoring = engine.Scoring(model="bgbb", covariates=str(shop / "customers.parquet"))
    window = engine.Window(period="month")
    with pytest.raises(engine.InputError, match="`covariates` goes with"):
        engine.score(shop / "orders.parquet", out=tmp_path / "scores", scoring=scoring, window=window)


def test_next_purchases_are_told_by_each_customers_own_parameters(run):
    found = run.model["next_purchase"]
    assert (found["basis"], found["untested"]) == ("model", "a model with covariates is not refitted to the past")
    customers = pl.read_parquet(run.out / "customers" / "**" / "*.parquet").filter(pl.col("n_purchase_days") > 0)
    assert customers["next_purchase"].is_null().to_list() == (customers["p_alive"] < 0.5).to_list()
    effects = {row["covariate"]: row for row in run.model["covariates"]["coefficients"] if row["acts_on"] == "purchase"}
    assert effects["is_fast"]["coefficient"] > 0.5
    told = customers.drop_nulls("next_purchase").with_columns(
        days=(pl.col("next_purchase") - run.as_of).dt.total_days(), is_fast=pl.col("customer_id") > 10_000
    )
    once = told.filter((pl.col("frequency") == 1) & (pl.col("T") > 100)).group_by("is_fast").agg(pl.col("days").mean())
    by_kind = dict(once.rows())
    assert by_kind[True] < by_kind[False]
