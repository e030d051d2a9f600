"""Stretches of the past, against sums of the order lines; labels of the past, against those of today."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from whalecurve.engine import Simulation, Window, open_result, scan_orders, score, simulate
from whalecurve.engine.experiments import PLACES
from whalecurve.engine.planning.history import history_of
from whalecurve.engine.planning.windows import Labels, window_at
from whalecurve.engine.publication import window_of
from whalecurve.engine.rfm import thresholds_from_dict

DAYS, STRETCHES = 28, 8


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    simulate(Simulation(customers=1_000, seed=6, ids="string"), folder / "log")
    score(folder / "log" / "orders", out=folder / "scores", measures=False)
    return folder


@pytest.fixture(scope="module")
def result(shop):
    return open_result(shop / "scores")


def read(shop, result, n_passes=1):
    ids = result.take("customer_id").collect()["customer_id"]
    return history_of(scan_orders(shop / "log" / "orders"), window_of(result, Window()), ids, DAYS, STRETCHES, n_passes)


def by_hand(shop, result, first, end):
    """Margin of each customer in stretches, from the files."""
    lines = pl.read_parquet(shop / "log" / "orders" / "*.parquet").filter(pl.col("customer_id").is_not_null())
    day = pl.col("order_ts").dt.date()
    last = result.as_of - timedelta(days=DAYS * first)
    lines = lines.filter(day <= last)
    if end is not None:
        lines = lines.filter(day > result.as_of - timedelta(days=DAYS * end))
    return dict(lines.group_by("customer_id").agg(pl.col("margin").sum()).iter_rows())


@pytest.mark.parametrize(("first", "end"), [(0, 1), (2, 4), (3, None), (0, None)])
def test_sums_of_stretches_are_those_of_the_lines(shop, result, first, end):
    history = read(shop, result)
    expected = by_hand(shop, result, first, end)
    found = dict(zip(history.ids, history.within("margin", first, end) / 1e6, strict=True))
    assert {name for name, x in found.items() if x} <= set(expected)
    assert [found[name] for name in expected] == pytest.approx([round(x, 6) for x in expected.values()], abs=2e-5)
    assert history.n_stretches == STRETCHES


def test_passes_do_not_matter(shop, result):
    one, three = read(shop, result), read(shop, result, 3)
    assert one.ids.to_list() == three.ids.to_list()
    for name in one.sums:
        assert one.within(name, 1, 5).tolist() == three.within(name, 1, 5).tolist()
    assert one.draw.tolist() == three.draw.tolist()


def test_of_many_customers_those_with_the_least_places_are_looked_at(shop, result):
    ids = result.take("customer_id").collect()["customer_id"]
    log, window = scan_orders(shop / "log" / "orders"), window_of(result, Window())
    some = history_of(log, window, ids, DAYS, STRETCHES, 1, most=300)
    every = read(shop, result)
    least = every.draw < PLACES * 300 // ids.len()
    assert 250 < some.n < 350
    assert some.ids.to_list() == every.ids.filter(least).to_list()
    assert some.draw.tolist() == every.draw[least].tolist()
    assert some.within("orders", 0, 4).tolist() == every.within("orders", 0, 4)[least].tolist()


def labels_of(result):
    return Labels(
        cuts=thresholds_from_dict(result.model["thresholds"]),
        rules=result.definitions["scheme_rules"]["segments"],
        value=result.definitions["value"],
    )


def test_labels_of_the_last_day_are_those_of_the_result(shop, result):
    history = read(shop, result)
    own = result.take("customer_id", "rfm_segment").collect().sort("customer_id")
    assert history.ids.to_list() == own["customer_id"].to_list()
    found = labels_of(result).of(history, 0)
    assert found.to_list() == own["rfm_segment"].fill_null("(none)").to_list()


def test_labels_of_the_past_are_those_of_a_result_of_then_by_the_same_cut_offs(shop, result, tmp_path):
    history = read(shop, result)
    then = result.as_of - timedelta(days=2 * DAYS)
    cuts = shop / "scores" / "model.json"
    score(
        shop / "log" / "orders", out=tmp_path / "then", window={"as_of": then}, measures=False,
        scoring={"rfm_method": "fixed", "rfm_cuts": str(cuts)},
    )  # fmt: skip
    own = dict(open_result(tmp_path / "then").take("customer_id", "rfm_segment").collect().iter_rows())
    found = dict(zip(history.ids, labels_of(result).of(history, 2), strict=True))
    assert {name: found[name] for name in own} == {name: label or "(none)" for name, label in own.items()}


def test_a_window_has_those_who_had_bought_before_it(shop, result):
    history = read(shop, result)
    window = window_at(history, labels_of(result), "conversion", 2, 1, None)
    assert window.last_day == result.as_of - timedelta(days=2 * DAYS)
    assert (window.last_day - window.first_day).days == 2 * DAYS - 1
    summary = result.take("customer_id", "first_purchase").collect().sort("customer_id")
    was_there = (summary["first_purchase"] < window.first_day).fill_null(value=False).to_numpy()
    assert window.who.tolist() == np.flatnonzero(was_there).tolist()
    assert set(np.unique(window.after)) == {0.0, 1.0}
    some = window_at(history, labels_of(result), "orders", 1, 0, ["Champions"])
    assert set(some.segment) == {"Champions"}
    assert isinstance(some.first_day, date)
