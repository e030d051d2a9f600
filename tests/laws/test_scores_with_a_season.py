"""Scoring and backtests with a season, from the order log on."""

import json
from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.support.commands import printed, refusal, run
from tests.support.seasonal_logs import last_date, orders_of, purchase_days
from tests.tools.readme import retail_log
from whalecurve import engine
from whalecurve.engine.errors import InputError
from whalecurve.engine.seasons import Season
from whalecurve.kernels import bgnbd

DAYS = purchase_days(1, swing=0.5)
AS_OF = last_date(DAYS)
WINDOW = engine.Window(as_of=AS_OF)


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    path = tmp_path_factory.mktemp("log") / "orders.parquet"
    orders_of(DAYS).write_parquet(path)
    return path


@pytest.fixture(scope="module")
def scored(log):
    return engine.score(log, window=WINDOW, scoring={"season": "estimate"}, measures=False)


def scored_by(log, season, **more):
    return engine.score(log, window=more.pop("window", WINDOW), scoring={"season": str(season), **more}, measures=False)


def by_hand(run, season, horizon, risk):
    """P(alive), expected purchases and P(purchase) of the kernels in operational time, worked out day by day."""
    first_day = DAYS.first_day
    tau = np.append(0.0, np.cumsum(season.factors(first_day, DAYS.last_day + horizon)))

    def at(day):
        return tau[day - first_day + 1]

    customers = run.to_polars()
    first, last = (customers[f"{name}_purchase"].cast(pl.Int32).to_numpy() for name in ("first", "last"))
    x = customers["frequency"].cast(pl.Float64).to_numpy()
    history = x, at(last) - at(first), at(DAYS.last_day) - at(first)
    params = tuple(run.model["transactions"]["params"].values())
    ends = [at(DAYS.last_day + n) - at(DAYS.last_day) for n in (horizon, risk)]
    return (
        bgnbd.p_alive(*history, *params),
        bgnbd.conditional_expected_purchases(ends[0], *history, *params),
        1.0 - bgnbd.p_no_purchase(ends[1], *history, *params),
    )


def test_customers_are_scored_in_the_clock_of_the_season(scored):
    season = Season.from_dict(scored.model["season"]["season"])
    customers = scored.to_polars()
    alive, purchases, soon = by_hand(scored, season, 365, scored.model["risk"]["horizon_days"])
    assert customers["p_alive"].to_numpy() == pytest.approx(alive, rel=1e-9)
    assert customers["expected_purchases"].to_numpy() == pytest.approx(purchases, rel=1e-9)
    assert customers["p_purchase"].to_numpy() == pytest.approx(soon, rel=1e-9)
    assert scored.model["transactions"]["unit"] == "operational day"
    assert scored.model["risk"]["test"] is not None


def test_what_counts_in_calendar_days_stays_so(scored, log):
    plain = scored_by(log, "none")
    same = ["customer_id", "recency", "T", "days_since_last", "frequency", "value", "r_score", "f_score", "m_score"]
    assert_frame_equal(scored.to_polars().select(same), plain.to_polars().select(same))
    assert plain.model["season"] is None


def test_a_calendar_of_one_factor_changes_nothing_but_the_last_digits(log, tmp_path):
    (tmp_path / "flat.csv").write_text("start,factor\n01-01,2.5\n")
    flat, plain = scored_by(log, tmp_path / "flat.csv"), scored_by(log, "none")
    columns = ["p_alive", "expected_purchases", "p_purchase", "clv", "next_purchase"]
    here, there = (run.to_polars().select(columns) for run in (flat, plain))
    assert_frame_equal(here.drop("next_purchase"), there.drop("next_purchase"), rel_tol=1e-5)
    assert flat.model["season"]["chosen"] == "calendar"


def test_a_season_ahead_makes_more_purchases_expected(scored, log):
    """The log ends in March: the year ahead has all of a year, the next 60 days are below the mean."""
    near = scored_by(log, "estimate", horizon_days=60).to_polars()["expected_purchases"].sum()
    plain = scored_by(log, "none", horizon_days=60).to_polars()["expected_purchases"].sum()
    season = Season.from_dict(scored.model["season"]["season"])
    ahead = season.factors(DAYS.last_day + 1, DAYS.last_day + 60).mean()
    assert ahead < 0.9
    assert near < plain


def test_the_models_of_a_run_with_a_season_serve_a_later_log(scored, log, tmp_path):
    again = engine.score(log, out=tmp_path / "again", thresholds=scored.path, measures=False)
    assert again.model["season"]["season"] == scored.model["season"]["season"]
    assert again.model["season"]["words"] == "season: estimated by week of the year, as in the old run"
    columns = ["customer_id", "p_alive", "expected_purchases", "clv"]
    assert_frame_equal(again.to_polars().select(columns), scored.to_polars().select(columns))


def test_intervals_surround_what_is_expected_in_the_season(log):
    customers = scored_by(log, "estimate", intervals=0.9).to_polars()
    low, mean, high = (customers[f"expected_purchases{end}"] for end in ("_low", "", "_high"))
    assert ((low < mean) & (mean < high)).all()


def test_a_season_goes_with_covariates(log, tmp_path):
    ids = np.unique(DAYS.customer)
    pl.DataFrame({"customer_id": ids, "odd": ids % 2}).write_parquet(tmp_path / "traits.parquet")
    run = scored_by(log, "estimate", covariates=str(tmp_path / "traits.parquet"))
    plain = scored_by(log, "estimate")
    sums = [r.to_polars()["expected_purchases"].sum() for r in (run, plain)]
    assert sums[0] == pytest.approx(sums[1], rel=0.02)
    assert run.model["transactions"]["unit"] == "operational day"


def test_the_unit_of_time_changes_no_forecast(scored, log):
    weeks = scored_by(log, "estimate", window=engine.Window(as_of=AS_OF, unit="week"))
    columns = ["customer_id", "p_alive", "expected_purchases"]
    assert_frame_equal(weeks.to_polars().select(columns), scored.to_polars().select(columns), rel_tol=1e-4)


def test_periods_have_no_season(log):
    window = engine.Window(as_of=AS_OF, period="month")
    with pytest.raises(InputError, match="counts periods; leave one out"):
        engine.score(log, window=window, scoring={"model": "bgbb", "season": "auto"})


def test_validation_shows_models_with_and_without_their_season(log, tmp_path):
    validation = engine.validate(
        log, holdout_days=91, model="bgnbd", window=WINDOW, scoring={"season": "auto"}, out=tmp_path / "validated"
    )
    models = {a.name: a for a in validation.assessments if a.kind == "model"}
    assert list(models) == ["bgnbd", "bgnbd_season"]
    assert models["bgnbd_season"].title == "BG/NBD, season"
    assert abs(models["bgnbd_season"].purchases.error) < abs(models["bgnbd"].purchases.error)
    record = json.loads((tmp_path / "validated/model.json").read_text())
    assert record["seasons"]["bgnbd"]["estimate"]["last_day"] == (AS_OF - timedelta(days=91)).isoformat()
    assert record["seasons"]["bgnbd"]["season"] is not None
    tracked = validation.tracking.filter(name="bgnbd_season", is_holdout=True)
    assert tracked["expected"].sum() == pytest.approx(models["bgnbd_season"].purchases.predicted, rel=0.15)


def test_forecasts_by_week_follow_the_season(log):
    validation = engine.validate(log, holdout_days=300, model="bgnbd", window=WINDOW, scoring={"season": "estimate"})
    with_season = validation.tracking.filter(name="bgnbd_season", is_holdout=True)
    rates = (
        with_season.with_columns(month=pl.col("last_day").dt.month()).group_by("month").agg(pl.col("expected").mean())
    )
    by_month = dict(rates.iter_rows())
    assert by_month[11] > 1.3 * by_month[8]


def test_the_command_tells_the_season_and_refuses_a_calendar_that_is_none(log, tmp_path):
    said = printed("score", log, "--out", tmp_path / "out", "--as-of", AS_OF, "--season", "auto", "--full")
    assert "season: estimated by week of the year (mean error of 3 quarters" in said
    (tmp_path / "bad.csv").write_text("start,factor\nsoon,2\n")
    why = refusal("score", log, "--out", tmp_path / "bad", "--season", tmp_path / "bad.csv")
    assert why.startswith(f'{tmp_path}/bad.csv: line 2: "soon" is not a day')
    early = ("--as-of", "2023-12-31")
    why = refusal("score", log, "--out", tmp_path / "bad", "--season", "estimate", *early)
    assert why.startswith("--season estimate: 365 days are observed, and a season needs 455")
    told = run("score", log, "--out", tmp_path / "early", "--season", "auto", "--full", *early)
    assert told.exit_code == 0
    assert "no season: 365 days are observed" in told.stdout


@pytest.mark.skipif(retail_log() is None, reason="the log is public, but not ours to ship")
def test_the_season_before_christmas_is_foreseen_from_the_one_before():
    """Online Retail's last 90 days, by a season estimated from the days before them alone."""
    columns = {"customer": "CustomerID", "time": "InvoiceDate", "order": "InvoiceNo", "amount": "Quantity * UnitPrice"}
    found = engine.validate(retail_log(), holdout_days=90, model="bgnbd", columns=columns, scoring={"season": "auto"})
    errors = {a.name: a.purchases.error for a in found.assessments}
    assert errors["bgnbd"] == pytest.approx(-0.240, abs=0.001)
    assert errors["bgnbd_season"] == pytest.approx(0.039, abs=0.003)
    choice = found.seasons["bgnbd"]
    assert choice.season is not None
    assert choice.estimate["last_day"] == found.split.isoformat()
