import json

import numpy as np
import polars as pl
import pytest

from tests.support.seasonal_logs import last_date, orders_of, purchase_days
from whalecurve import engine
from whalecurve.engine.errors import InputError
from whalecurve.engine.forecasts import dert_if_active
from whalecurve.engine.models import Fit, fit_histories
from whalecurve.engine.seasons import Season
from whalecurve.kernels import bgbb, bgnbd, pnbd

DAYS = purchase_days(9, customers=1_500, days=600)
AS_OF = last_date(DAYS)
YEARLY = 0.10
DELTA = np.log(1.0 + YEARLY) / 365.25


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """Customers of two campaigns, every fifth of the second."""
    path = tmp_path_factory.mktemp("log") / "orders.parquet"
    rng = np.random.default_rng(0)
    lines = orders_of(DAYS).with_columns(
        campaign=pl.when(pl.col("customer_id") % 5 == 0).then(pl.lit("b")).otherwise(pl.lit("a"))
    )
    amounts = rng.gamma(3.0, 10.0, lines.height) * np.repeat(rng.gamma(4.0, 0.25, 1_500), np.bincount(DAYS.customer))
    lines.with_columns(amount=pl.Series(amounts).round(2)).write_parquet(path)
    return path


@pytest.fixture(scope="module")
def scored(log):
    return scored_by(log)


def scored_by(log, window=None, **scoring):
    return engine.score(log, window=window or {"as_of": AS_OF}, scoring=scoring, measures=False)


def of_all(found):
    return found.groups.row(0, named=True)


def months(days):
    ends = 365.25 / 12.0 * np.arange(1.0, np.floor(days / (365.25 / 12.0) * (1 + 1e-12)) + 1)
    return ends if days - ends[-1] < 1e-6 else np.append(ends, float(days))


@pytest.mark.parametrize("model", ["bgnbd", "pnbd"])
def test_a_newcomer_is_one_of_whom_the_model_knows_nothing(log, model):
    run = scored_by(log, model=model)
    row = of_all(engine.value_newcomers(run.path))
    fit, spend = Fit.from_dict(run.model["transactions"]), run.model["spend"]["params"]
    expected = {"bgnbd": bgnbd, "pnbd": pnbd}[model].expected_purchases
    ends = months(365)
    until = expected(ends, *fit.values)
    discounted = sum(
        (here - before) / (1.0 + YEARLY) ** (end / 365.25)
        for here, before, end in zip(until, [0.0, *until[:-1]], ends, strict=True)
    )
    mean = spend["p"] * spend["v"] / (spend["q"] - 1.0)  # Fader & Hardie (2013): E(Z) = p v / (q - 1)
    assert row["expected_purchases"] == pytest.approx(until[-1], rel=1e-12)
    assert row["repeat_value"] == pytest.approx(mean, rel=1e-10)
    assert row["clv"] == pytest.approx(discounted * mean, rel=1e-10)
    dert = pnbd.dert(DELTA, 0.0, 0.0, 0.0, *fit.values) if model == "pnbd" else None
    if dert is not None:
        assert row["dert"] == pytest.approx(dert, rel=1e-12)
    assert row["clv_infinite"] == pytest.approx(row["dert"] * mean, rel=1e-10)
    assert row["expected_purchases_low"] < row["expected_purchases"] < row["expected_purchases_high"]


def test_with_the_first_purchase_its_mean_value_is_added(log, scored):
    row = of_all(engine.value_newcomers(scored.path))
    lines = pl.read_parquet(log).sort("order_ts")
    first = lines.group_by("customer_id", maintain_order=True).first()["amount"].mean()
    assert row["first_value"] == pytest.approx(first, abs=1e-5)
    assert row["purchases_with_first"] == row["expected_purchases"] + 1.0
    assert row["clv_with_first"] == pytest.approx(row["clv"] + row["first_value"], rel=1e-12)
    assert row["clv_infinite_with_first"] == pytest.approx(row["clv_infinite"] + row["first_value"], rel=1e-12)


def test_groups_have_models_of_their_own_pooled_with_all(scored):
    found = engine.value_newcomers(scored.path, settings={"by": ["campaign"], "cohorts": "year"})
    groups = {(row["by"], row["value"]): row for row in found.groups.iter_rows(named=True)}
    assert list(groups) == [("all", None), ("cohort", "2023"), ("cohort", "2024"), ("campaign", "a"), ("campaign", "b")]
    customers = scored.to_polars().with_columns(mine=pl.col("customer_id") % 5 == 0)
    x, t_x, T = (customers[name].cast(pl.Float64).to_numpy() for name in ("frequency", "recency", "T"))
    own = customers["mine"].to_numpy()
    counts = own + 100.0 / 1_500
    fit = fit_histories("bgnbd", x, t_x, T, counts)
    row = groups["campaign", "b"]
    assert (row["customers"], row["own_share"]) == (300, 0.75)
    assert row["expected_purchases"] == pytest.approx(bgnbd.expected_purchases(365.0, *fit.values), rel=1e-5)
    firsts = (customers["value"] - customers["frequency"] * customers["monetary_value"]).to_numpy()
    pooled = (firsts[own].sum() + 100.0 * firsts.mean()) / 400.0
    assert row["first_value"] == pytest.approx(pooled, rel=1e-6)


def test_a_pool_of_many_makes_all_groups_alike(scored):
    found = engine.value_newcomers(scored.path, settings={"by": ["campaign"], "pool": 1_000_000})
    every = found.groups["expected_purchases"].to_list()
    assert every == pytest.approx([every[0]] * 3, rel=1e-3)


def test_what_is_left_of_each_customer_is_p_alive_times_that_of_the_active(scored, tmp_path):
    found = engine.value_newcomers(scored.path, settings={"residual": True}, out=tmp_path / "out")
    customers = scored.to_polars()
    fit = Fit.from_dict(scored.model["transactions"])
    x, T = (customers[name].cast(pl.Float64).to_numpy() for name in ("frequency", "T"))
    dert = customers["p_alive"].to_numpy() * dert_if_active(fit, x, T, DELTA)
    assert found.residual["customer_id"].to_list() == customers["customer_id"].to_list()
    assert found.residual["dert"].to_numpy() == pytest.approx(dert, rel=1e-12)
    assert found.residual["residual_clv"].to_numpy() == pytest.approx(dert * customers["expected_value"].to_numpy())
    assert (found.residual["residual_clv"] >= customers["clv"] * 0.999).all()
    assert found.segments["customers"].sum() == 1_500
    written = pl.read_parquet(tmp_path / "out/residual.parquet")
    assert written.equals(found.residual)
    assert json.loads((tmp_path / "out/newcomers.json").read_text()) == found.to_dict()


def test_a_season_is_followed_over_the_horizon(log):
    run = scored_by(log, season="estimate", horizon_days=60)
    season = Season.from_dict(run.model["season"]["season"])
    params = run.model["transactions"]["params"].values()
    ahead = season.factors(DAYS.last_day + 1, DAYS.last_day + 60).sum()
    found = engine.value_newcomers(run.path, settings={"residual": True})
    assert of_all(found)["expected_purchases"] == pytest.approx(bgnbd.expected_purchases(ahead, *params), rel=1e-9)
    assert "the horizon follows the season" in found.warnings[0]
    assert found.residual["dert"].null_count() == 0


def test_periods_are_opportunities(log):
    run = scored_by(log, window={"as_of": AS_OF, "period": "month"}, model="bgbb")
    found = engine.value_newcomers(run.path, settings={"residual": True, "cohorts": "quarter"})
    row, params = of_all(found), run.model["transactions"]["params"].values()
    assert row["expected_purchases"] == pytest.approx(bgbb.expected_purchases(12.0, *params), rel=1e-12)
    monthly = 1.1 ** (1.0 / 12.0) - 1.0
    assert row["dert"] == pytest.approx(bgbb.dert(monthly, 0.0, 0.0, 0.0, *params), rel=1e-9)
    assert row["first_value"] is row["clv_with_first"] is None


def test_without_a_discount_there_is_no_for_ever(log):
    found = engine.value_newcomers(scored_by(log, annual_discount=0.0).path, settings={"residual": True})
    row = of_all(found)
    assert row["dert"] is row["clv_infinite"] is None
    assert row["clv"] > 0.0
    assert found.residual["dert"].null_count() == 1_500
    assert "without a horizon purchases have no bound" in " ".join(found.warnings)


def test_a_result_without_a_model_tells_no_newcomer(tmp_path):
    once = orders_of(DAYS).unique("customer_id", keep="first")
    once.write_parquet(tmp_path / "orders.parquet")
    run = scored_by(tmp_path / "orders.parquet")
    with pytest.raises(InputError, match="there is no purchase model"):
        engine.value_newcomers(run.path)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"cohorts": "decade"}, "decade"),
        ({"pool": 0}, "out of range"),
        ({"level": 1.0}, "out of range"),
        ({"by": "campaign"}, "is a list"),
        ({"by": ["all"]}, "has another meaning"),
    ],
)
def test_settings_that_will_not_do_are_named(wrong, says):
    with pytest.raises(InputError, match=says):
        engine.NewcomerSettings(**wrong)
