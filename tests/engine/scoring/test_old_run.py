"""Scoring a log with what an old run found: the same log gives the same scores, and nothing is fitted to another."""

import json
import shutil
from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.support.logs import simple_log, write
from whalecurve import engine

MIDDLE = date(2024, 3, 31)
CUTS = "r = [365, 180, 90, 30]\nf = [2, 3, 4, 6]\nm = [0, 5, 10, 25.5]\n"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A log of two years, and what was found in its first fifteen months."""
    folder = tmp_path_factory.mktemp("reuse")
    orders = write(folder / "orders.parquet", simple_log(4_000, 700, seed=4))
    old = engine.score(orders, out=folder / "old", window=engine.Window(as_of=MIDDLE))
    new = engine.score(orders, out=folder / "new", thresholds=folder / "old")
    return folder, orders, old, new


def customers_of(run):
    return pl.read_parquet(run.out / "customers").sort("customer_id")


def refusal(orders, out, **options):
    with pytest.raises(engine.InputError) as refused:
        engine.score(orders, out=out, **options)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    ("window", "scoring"),
    [
        ({}, {}),
        ({"unit": "week"}, {"rfm_method": "nested", "model": "mbgnbd", "horizon_days": 90, "intervals": 0.8}),
        ({}, {"rfm_method": "fixed", "rfm_cuts": "cuts.toml", "value": "revenue", "l2": 0.1}),
        ({"period": "month"}, {"model": "bgbb", "rfm_method": "nested"}),
        ({}, {"model": "auto", "value_quantile": 0.6, "risk_threshold": 0.3, "risk_days": 45, "value_axis": "total"}),
    ],
    ids=["defaults", "weeks, nested", "fixed", "months", "auto"],
)
def test_the_same_log_scores_the_same_in_every_column(shop, tmp_path, monkeypatch, window, scoring):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cuts.toml").write_text(CUTS)
    orders = shop[1]
    old = engine.score(orders, out="old", window=engine.Window(**window), scoring=engine.Scoring(**scoring))
    (tmp_path / "cuts.toml").unlink()  # model.json is enough
    shutil.copy("old/model.json", "alone.json")
    again = engine.score(orders, out="again", thresholds="alone.json")
    assert_frame_equal(customers_of(again), customers_of(old), check_exact=True)
    assert_frame_equal(again.segments, old.segments, check_exact=True)
    kept = ("transactions", "spend", "thresholds", "population", "calibration")
    assert {name: again.model[name] for name in kept} == {name: old.model[name] for name in kept}
    assert {index["index"] for index in again.manifest["moved"]["stability"].values()} == {0.0}
    assert again.model["taken_from"]["run_id"] is None
    third = engine.score(orders, out="third", thresholds="again")
    assert_frame_equal(customers_of(third), customers_of(old), check_exact=True)


def test_a_later_log_takes_thresholds_cutoff_and_models_as_they_are(shop):
    _, _, old, new = shop
    assert new.model["thresholds"] == old.model["thresholds"]
    assert new.model["transactions"] == old.model["transactions"]
    assert new.model["spend"]["params"] == old.model["spend"]["params"]
    found = customers_of(new)
    cutoff = old.model["thresholds"]["value_at_stake_high_value"]
    high = found.filter(pl.col("value_at_stake") >= cutoff)["value_class"]
    assert set(high) == {"high"}
    cuts = old.model["thresholds"]["value"]
    known = found.drop_nulls("m_score")
    assert known["m_score"].to_list() == [1 + sum(value >= cut for cut in cuts) for value in known["value"]]


def test_a_run_says_where_its_thresholds_come_from(shop):
    _, _, old, new = shop
    source = new.model["taken_from"]
    assert source["path"] == str(old.out / "model.json")
    assert source["run_id"] == old.manifest["run_id"]
    assert source["as_of"] == "2024-03-31"
    assert new.model["definitions"]["thresholds_from"] == source["digest"]
    assert old.model["taken_from"] is old.manifest["moved"] is old.model["definitions"]["thresholds_from"] is None


def test_what_moved_is_what_the_two_results_hold(shop):
    _, _, old, new = shop
    before, now, found = customers_of(old), customers_of(new), new.manifest["moved"]
    assert found["customers"] == {"old": before.height, "new": now.height}
    for row in found["scores"]:
        for which, customers in (("old", before), ("new", now)):
            scores = customers[row["score"]].drop_nulls()
            assert row[which] == pytest.approx((scores == row["value"]).mean(), rel=1e-12)
    for row in found["segments"]:
        for which, customers in (("old", before), ("new", now)):
            is_in = pl.col(f"{row['scheme']}_segment").eq_missing(pl.lit(row["segment"]))
            if f"{row['scheme']}_segment" in customers.columns:
                assert row[which] == pytest.approx(customers.select(is_in.mean()).item(), rel=1e-12)
    means = {row["name"]: (row["old"], row["new"]) for row in found["means"]}
    bought = [customers.filter(pl.col("n_purchase_days") > 0) for customers in (before, now)]
    for name in ("days_since_last", "n_purchase_days", "value", "T"):
        assert means[name] == pytest.approx(tuple(customers[name].mean() for customers in bought), rel=1e-12)
    seen = [customers.filter((pl.col("frequency") > 0) & (pl.col("monetary_value") > 0)) for customers in bought]
    assert means["monetary_value"] == pytest.approx(tuple(one["monetary_value"].mean() for one in seen), rel=1e-12)
    assert found["stability"]["f_score"]["index"] > 0.0


def test_thresholds_of_an_earlier_rule_of_scores_work_as_fixed_cut_offs(shop, tmp_path):
    folder, orders, old, _ = shop
    one_time = [1, 2, 3, 4]  # one purchase day was score 2 by mid-ranks where many had no more
    model = changed(folder, thresholds__n_purchase_days=one_time)
    del model["definitions"]["rfm_rule"], model["definitions"]["returns_rule"]
    (tmp_path / "model.json").write_text(json.dumps(model))
    new = engine.score(orders, out=tmp_path / "new", thresholds=tmp_path / "model.json")
    found = customers_of(new).drop_nulls("f_score")
    assert found["f_score"].to_list() == [1 + sum(n >= cut for cut in one_time) for n in found["n_purchase_days"]]
    assert old.model["definitions"]["rfm_rule"].startswith("1 + floor(rfm_bins * share")
    assert new.model["definitions"]["rfm_rule"] is None
    said = f"{tmp_path / 'model.json'}: its models are fitted to purchases with returns taken by a rule that is not"
    assert [words.startswith(said) for words in new.manifest["warnings"] if "returns" in words] == [True]
    assert new.model["definitions"]["returns_rule"] == old.model["definitions"]["returns_rule"] is not None
    fixed = {"rfm_method": "fixed", "rfm_cuts": str(tmp_path / "model.json")}
    again = engine.score(orders, out=tmp_path / "fixed", scoring=engine.Scoring(**fixed))
    assert customers_of(again).drop_nulls("f_score")["rfm_score"].to_list() == found["rfm_score"].to_list()


def test_a_log_that_no_model_can_be_fitted_to_is_scored_with_the_old_one(shop, tmp_path):
    folder = shop[0]
    few = write(tmp_path / "few.parquet", pl.read_parquet(shop[1]).unique("customer_id", keep="first").head(9))
    found = customers_of(engine.score(few, out=tmp_path / "few", thresholds=folder / "old"))
    assert found.filter(pl.col("n_purchase_days") > 0)["clv"].null_count() == 0


def test_a_run_without_models_hands_on_the_reason(tmp_path):
    orders = write(tmp_path / "orders.parquet")
    old = engine.score(orders, out=tmp_path / "old", window=engine.Window(as_of=date(2024, 1, 4)))
    again = engine.score(orders, out=tmp_path / "again", thresholds=old.out)
    assert again.model["transactions"] == old.model["transactions"]
    assert customers_of(again)["clv"].null_count() == 3


@pytest.mark.parametrize(
    ("scoring", "words"),
    [
        ({"horizon_days": 30}, "`horizon_days` 365 there, 30 here"),
        ({"rfm_bins": 4}, "`rfm_bins` 5 there, 4 here"),
        (
            {"model": "pnbd", "annual_discount": 0.2},
            "`model` bgnbd there, pnbd here; `annual_discount` 0.1 there, 0.2 here",
        ),
        ({"value": "revenue"}, "`value` margin there, revenue here"),
        ({"rfm_method": "nested"}, "`rfm_method` quantile there, nested here"),
        ({"covariates": "traits.parquet"}, "`covariates` none there, traits.parquet here"),
    ],
)
def test_settings_that_differ_are_refused_by_name(shop, tmp_path, scoring, words):
    folder, orders, old, _ = shop
    said = refusal(orders, tmp_path / "x", thresholds=folder / "old", scoring=engine.Scoring(**scoring))
    assert said.startswith(f"{old.out / 'model.json'}: ")
    assert words in said
    assert "leave these out, or score without `thresholds`" in said


def test_other_times_are_refused(shop, tmp_path):
    folder, orders = shop[:2]
    for window, words in (
        (engine.Window(unit="week"), "`unit` day there, week here"),
        (engine.Window(period="month"), "`unit` day there, month here; `period` none there, month here"),
    ):
        assert words in refusal(orders, tmp_path / "x", thresholds=folder / "old", window=window)


def test_days_are_counted_in_the_zone_of_the_old_run(tmp_path):
    late = pl.Series([f"2024-01-0{day} 23:30:00" for day in range(1, 7)]).str.to_datetime(time_zone="UTC")
    orders = write(tmp_path / "orders.parquet", order_ts=late)
    zone = engine.Window(timezone="Asia/Tokyo")
    old = engine.score(orders, out=tmp_path / "old", window=zone)
    again = engine.score(orders, out=tmp_path / "again", thresholds=old.out)
    assert again.manifest["as_of"] == old.manifest["as_of"] == "2024-01-07"
    said = refusal(orders, tmp_path / "x", thresholds=old.out, window=engine.Window(timezone="Europe/London"))
    assert "`timezone` Asia/Tokyo there, Europe/London here" in said


def test_intervals_are_the_new_runs_own_choice(shop, tmp_path):
    folder, orders = shop[:2]
    scoring = replace(engine.open_old_run(folder / "old").scoring, intervals=0.9)
    run = engine.score(orders, out=tmp_path / "x", thresholds=folder / "old", scoring=scoring)
    assert "clv_low" in customers_of(run).columns


def test_a_scheme_with_other_segments_is_refused(shop, tmp_path):
    folder, orders = shop[:2]
    scoring = replace(engine.open_old_run(folder / "old").scoring, segments="soulmates")
    said = refusal(orders, tmp_path / "x", thresholds=folder / "old", scoring=scoring)
    assert 'its rfm segments are not those of preset soulmates, "Soulmates" for one' in said


def changed(folder, **parts):
    model = json.loads((folder / "old" / "model.json").read_text())
    for path, value in parts.items():
        *outer, name = path.split("__")
        place = model
        for step in outer:
            place = place[step]
        place[name] = value
    return model


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"definitions__covariates": "traits.parquet"}, "its models rest on covariates"),
        ({"thresholds__value": [1.0]}, "RFM thresholds: value has 1 cut-offs, expected 4"),
        ({"thresholds__n_purchase_days": None}, "RFM thresholds: n_purchase_days is None"),
        ({"transactions__model": "lognormal"}, '`model` "lognormal" is unknown'),
        ({"transactions__params": {"r": 1.0}}, "bgnbd has the parameters {'r': 1.0}, expected positive r, alpha, a, b"),
        ({"definitions": {}}, "no model.json of whalecurve score (KeyError('period'))"),
        (
            {"definitions__horizon_days": "1y"},
            "model.json: `horizon_days` is a number, and '1y' is given; give one, as 365",
        ),
        ({"thresholds__value_at_stake_high_value": "much"}, "no model.json of whalecurve score (TypeError"),
        ({"risk__horizon_days": "90"}, "no model.json of whalecurve score (TypeError"),
        ({"risk__test": {"auc": 0.5}}, "no model.json of whalecurve score (TypeError"),
        ({"population__scores": {"r_score": [1]}}, "no model.json of whalecurve score (ValueError"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(shop, tmp_path, parts, words):
    path = tmp_path / "model.json"
    path.write_text(json.dumps(changed(shop[0], **parts)))
    said = refusal(shop[1], tmp_path / "x", thresholds=path)
    assert said.startswith(f"{path}: ")
    assert words in said


def test_a_run_from_before_the_risk_horizon_was_found_keeps_the_one_given_and_the_axis_of_then(shop, tmp_path):
    model = changed(shop[0], definitions__risk_days=180)
    del model["risk"], model["definitions"]["value_axis"]
    model["thresholds"]["clv_total_high_value"] = 50.0
    path = tmp_path / "model.json"
    path.write_text(json.dumps(model))
    run = engine.score(shop[1], out=tmp_path / "scores", thresholds=path, measures=False)
    risk = run.model["risk"]
    assert (risk["horizon_days"], risk["chosen"], risk["test"]) == (180, "thresholds", None)
    found = customers_of(run)
    assert (
        found["value_class"].to_list()
        == pl.select(
            pl.when(found["clv_total"].is_not_null()).then(
                pl.when(found["clv_total"] >= 50.0).then(pl.lit("high")).otherwise(pl.lit("low"))
            )
        )
        .to_series()
        .to_list()
    )


def test_what_is_no_old_run_is_named(shop, tmp_path):
    assert f"{tmp_path / 'no-such'}: cannot be read" in refusal(
        shop[1], tmp_path / "x", thresholds=tmp_path / "no-such"
    )
    assert f"{tmp_path / 'model.json'}: cannot be read" in refusal(shop[1], tmp_path / "x", thresholds=tmp_path)
    (tmp_path / "model.json").write_text('{"definitions": {}}')
    assert "has no thresholds, transactions, spend, population" in refusal(shop[1], tmp_path / "x", thresholds=tmp_path)
