"""Habits that are planted beside a log are found by those who look for them; where none is, none is."""

import polars as pl
import pytest

from whalecurve.engine import Simulation, find_habits, simulate, study_baskets
from whalecurve.engine.simulation.habits import PAIR, REFILL, REFILL_DAYS, SEQUENCE


def drawn(folder, *, planted):
    log = simulate(Simulation(customers=1_200, seed=6, planted=planted, side_files=("habits",)), folder)
    return [log.orders, *log.side_files]


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    return drawn(tmp_path_factory.mktemp("planted") / "shop", planted=True)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return drawn(tmp_path_factory.mktemp("plain") / "shop", planted=False)


def test_the_lines_have_the_columns_of_the_log_and_days_of_customers(planted):
    orders, habits = pl.read_parquet(planted[0]), pl.read_parquet(planted[1])
    assert habits.schema == orders.schema
    first = orders.group_by("customer_id").agg(first=pl.col("order_ts").min())
    joined = habits.join(first, on="customer_id", how="left")
    assert (joined["order_ts"] > joined["first"]).all()
    assert not set(habits["order_id"]) & set(orders["order_id"])


def test_the_refill_is_the_one_product_to_replenish_and_has_its_weekday(planted):
    found = find_habits(planted, {"product": "product"})
    regular = found.products.filter("is_replenished")
    assert regular["product"].to_list() == [REFILL]
    assert abs(regular["days"].item() - REFILL_DAYS) <= 1
    refills = pl.read_parquet(planted[1]).filter(product=REFILL)
    day = refills.group_by("customer_id").agg(
        weekday=pl.col("order_ts").dt.strftime("%A").first(), times=pl.len(), hour=pl.col("order_ts").dt.hour().first()
    )
    often = day.filter(pl.col("times") > 12).join(found.customers, on="customer_id")
    assert often.height > 50
    assert (often["weekday"] == often["weekday_right"]).mean() > 0.95
    assert (often["hour"] == often["hour_right"]).mean() > 0.95


def test_the_pair_and_the_sequence_are_the_surest(planted):
    study = study_baskets(planted, {"by": "product", "category": "category"})
    (pair,) = study.marked("category", "same basket", 1).select("first", "then").iter_rows()
    assert set(pair) == set(PAIR)
    assert study.marked("category", "next purchase", 1).select("first", "then").row(0) == SEQUENCE


def test_nothing_is_found_where_nothing_is_planted(plain):
    study = study_baskets(plain, {"by": "product", "category": "category"})
    assert study.pairs.filter(pl.col("relation") != "same customer")["marks"].count() == 0
    found = find_habits(plain, {"by": "category", "product": "product"})
    assert not found.products["is_replenished"].any()
    assert found.everybody["weekday"].strength > 50.0
