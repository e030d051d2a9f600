"""Simulated events: what is planted is found by `measure_activity`, and nothing where nothing is."""

import json

import polars as pl
import pytest

from whalecurve import engine

N_CUSTOMERS = 3_000


def simulated(folder, **settings):
    settings = {"customers": N_CUSTOMERS, "seed": 5, "side_files": ("events",)} | settings
    log = engine.simulate(settings, folder / "log")
    truth = json.loads(log.truth.read_text())["events"]
    found = engine.measure_activity(log.orders, log.side_files[0])
    return log, pl.read_parquet(log.side_files[0]), truth, found


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    return simulated(tmp_path_factory.mktemp("planted"))


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return simulated(tmp_path_factory.mktemp("plain"), planted=False)


def fact(truth, name):
    return next(one for one in truth["planted"] if one["fact"] == name)


def of_all(found):
    return {row["measure"]: row for row in found.rates.filter(by="all").to_dicts()}


def test_the_truth_counts_rows_and_describes_columns(planted):
    log, rows, truth, found = planted
    assert truth["rows"] == rows.height == found.tally["rows"]
    assert set(truth["columns"]) == set(rows.columns)
    assert rows["time"].is_sorted()
    assert rows["customer_id"].null_count() == truth["rows_without_customer"] == found.visitors["rows"]
    assert found.tally["refused"]["of customers without orders"] == truth["rows_of_nobody"] == 12
    assert rows["time"].dt.date().max() <= log.last_day


def test_bought_abandoned_and_recovered_carts_are_found(planted):
    *_, truth, found = planted
    told, whole = fact(truth, "carts"), found.carts.row(0, named=True)
    for name in ("bought", "abandoned", "recovered"):
        assert whole[name] == pytest.approx(told[name], rel=0.01), name
    assert whole["abandoned_value"] == pytest.approx(told["abandoned_value"], rel=0.01)
    assert told["abandoned"] > 500
    rate, share = of_all(found)["cart_abandoned"], told["abandoned"] / (told["abandoned"] + told["bought"])
    assert rate["low"] < share < rate["high"]


def test_customers_who_only_browse_are_window_shoppers(planted):
    *_, truth, found = planted
    shoppers = found.customers.filter(activity_segment="window shopper")
    assert shoppers.height >= 0.97 * fact(truth, "browse only")["customers"] > 100


def test_visits_before_orders_tell_who_buys_next(planted):
    *_, found = planted
    test = found.test
    assert test.is_better
    assert test.over_recalibrated.difference > 0.005
    assert test.auc["with_activity"] > test.auc["recalibrated"] + 0.01
    risk = found.customers.drop_nulls("churn_risk_with_activity")
    assert risk.height == found.customers["churn_risk"].count()
    active = risk.filter(pl.col("activity_segment") == "window shopper")
    assert active["churn_risk_with_activity"].is_between(0.0, 1.0).all()


def test_own_channels_are_told_from_chance(planted, plain):
    planted_prior, plain_prior = planted[3].channel_prior, plain[3].channel_prior
    assert 0.2 < planted_prior < 2.0
    assert plain_prior is None or plain_prior > 50.0


def test_nothing_is_found_where_nothing_is_planted(plain):
    *_, truth, found = plain
    assert truth["planted"] == []
    assert not found.test.is_better
    assert found.test.over_recalibrated.difference < 0.002
    assert "churn_risk_with_activity" not in found.customers.columns
    by_channel = found.rates.filter(by="channel", measure="session_to_cart").drop_nulls("value")
    whole = of_all(found)["session_to_cart"]["rate"]
    inside = by_channel.filter(pl.col("low") <= whole, pl.col("high") >= whole)
    assert inside.height >= by_channel.height - 1


def test_the_same_seed_gives_the_same_events_and_leaves_the_orders_alone(planted, tmp_path):
    log, rows, *_ = planted
    again = engine.simulate({"customers": N_CUSTOMERS, "seed": 5, "side_files": ("events",)}, tmp_path / "again")
    assert pl.read_parquet(again.side_files[0]).equals(rows)
    bare = engine.simulate({"customers": N_CUSTOMERS, "seed": 5}, tmp_path / "bare")
    assert pl.read_parquet(bare.orders / "*.parquet").equals(pl.read_parquet(log.orders / "*.parquet"))
