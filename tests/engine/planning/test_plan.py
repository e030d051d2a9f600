"""A plan of a real result: what it promises, what it refuses to promise, and what is written."""

import json
import math
from datetime import date, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from whalecurve.engine import InputError, Simulation, plan_experiment, score, simulate
from whalecurve.engine.planning import plan
from whalecurve.engine.planning.plan import LENGTHS


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    simulate(Simulation(customers=1_500, seed=6), folder / "log")
    score(folder / "log" / "orders", out=folder / "scores", measures=False)
    return folder


def planned(shop, **asked):
    return plan_experiment(shop / "scores", planning={"replays": 60, "windows": 3} | asked)


def whole(found):
    return found.sizes.row(0, named=True)


def test_what_all_customers_show_takes_just_as_many(shop):
    found = planned(shop)
    own = whole(found)
    again = planned(shop, effect=own["detectable_adjusted"], replays=0)
    assert abs(whole(again)["needed_adjusted"] - found.n_customers) <= 1
    assert whole(again)["power_adjusted"] == pytest.approx(0.8, abs=1e-3)
    assert own["detectable_best_window"] <= own["detectable_adjusted"] * 1.05
    assert own["detectable_adjusted"] < own["detectable_plain"]
    assert found.settings["metric"] == "margin"


def test_every_segment_and_every_length_that_history_covers_has_a_row(shop):
    found = planned(shop, replays=0, effect=0.1)
    own = found.sizes.filter(pl.col("segment").is_not_null())
    assert set(own["days"]) == {28}
    assert own["customers"].sum() == found.n_customers
    every = found.sizes.filter(pl.col("segment").is_null())
    assert every["days"].to_list() == [28 * m for m in LENGTHS]
    assert every["windows"].to_list() == [3, 3, 1]
    assert every["detectable_adjusted"].is_sorted(descending=True)


def test_fewer_customers_other_shares_and_more_looks_show_less(shop):
    least = whole(planned(shop, replays=0))["detectable_adjusted"]
    assert whole(planned(shop, replays=0, customers=400))["detectable_adjusted"] > 1.5 * least
    assert whole(planned(shop, replays=0, arms="a:0.1,control:0.9"))["detectable_adjusted"] > 1.3 * least
    looked_at = whole(planned(shop, replays=0, looks=4))["detectable_adjusted"]
    assert least < looked_at < 1.1 * least


def test_replays_tell_false_alarms_and_power_with_bounds(shop):
    found = planned(shop, replays=300, metric="revenue")
    assert found.replays["test"].to_list() == ["plain", "adjusted"]
    for row in found.replays.iter_rows(named=True):
        assert row["replays"] == 300
        assert row["false_alarms_low"] <= 0.05 <= row["false_alarms_high"]
        assert row["seen_low"] - 0.05 <= row["seen_by_formula"] <= row["seen_high"] + 0.05
    assert found.replays["effect"].n_unique() == 1


def test_the_same_is_planned_again(shop):
    one, again = planned(shop, segments=["champions"]), planned(shop, segments=["Champions"])
    assert_frame_equal(one.sizes, again.sizes)
    assert_frame_equal(one.replays, again.replays)
    assert one.sizes["segment"].drop_nulls().to_list() == ["Champions"]


@pytest.mark.parametrize("metric", ["margin", "revenue", "orders", "conversion"])
def test_every_metric_can_be_planned(shop, metric):
    own = whole(planned(shop, metric=metric, replays=6))
    assert own["mean"] > 0.0
    assert math.isfinite(own["detectable_adjusted"])


REFUSED = [
    (
        {"days": 600},
        "orders of .* days say nothing of 600 days after as many before; plan for .* days at most",
    ),
    ({"customers": 10**6}, "customers=1000000: .* has 1,.* customers to take part"),
    ({"segments": ["Nobody"]}, '`segment` "Nobody": no such segment'),
    ({"effect": 0.0}, "effect=0.0 is no change to be seen"),
    ({"effect": -0.1}, "effect=-0.1 is no change to be seen"),
    ({"arms": "a:0.5,b:0.5"}, "none is called control"),
    ({"arms": "a:0.5,control:0.6"}, "add up to 1.1"),
    ({"metric": "clicks"}, '`metric` "clicks" is unknown'),
    ({"windows": 0}, "windows=0 is out of range"),
    ({"replays": 0.5}, "replays=0.5 is out of range"),
    ({"power": 1.0}, "power=1.0 is out of range"),
    ({"days": "28"}, "`days` is a number"),
]


@pytest.mark.parametrize(("asked", "words"), REFUSED, ids=[f"{k}" for k in range(len(REFUSED))])
def test_what_cannot_be_planned_is_refused_in_a_line(shop, tmp_path, asked, words):
    with pytest.raises(InputError, match=words) as refused:
        plan_experiment(shop / "scores", planning=asked, out=tmp_path / "plan")
    assert "\n" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_lengths_that_history_does_not_cover_are_named_and_promised_nothing(shop):
    found = planned(shop, days=150, replays=0)
    assert found.sizes.filter(pl.col("segment").is_null())["days"].to_list() == [150, 300]
    assert any("of 600 days nothing can be said, as orders begin on" in words for words in found.warnings)
    one = planned(shop, days=300, replays=0)
    assert any("history has one window of 300 days" in words for words in one.warnings)


def test_a_verdict_says_whether_it_is_enough(shop):
    least = whole(planned(shop, replays=0))["detectable_adjusted"]
    assert "are enough for" in planned(shop, replays=0, effect=2 * least).verdict
    assert "and there are 1," in planned(shop, replays=0, effect=least / 3).verdict
    assert "takes" in planned(shop, replays=0, effect=1.3 * least, customers=300).verdict
    assert "show a change of" in planned(shop, replays=0).verdict


def test_orders_without_margin_have_none_to_plan(shop, tmp_path):
    score(shop / "log" / "orders", out=tmp_path / "r", columns={"margin": ""}, measures=False)
    with pytest.raises(InputError, match="the orders carry none"):
        plan_experiment(tmp_path / "r", planning={"metric": "margin"})
    assert plan_experiment(tmp_path / "r", planning={"replays": 0}).settings["metric"] == "revenue"


def test_a_plan_is_on_disk_as_it_is_in_memory(shop, tmp_path):
    found = plan_experiment(shop / "scores", planning={"replays": 30, "effect": 0.1}, out=tmp_path / "plan")
    assert_frame_equal(pl.read_parquet(tmp_path / "plan" / "plan.parquet"), found.sizes)
    assert_frame_equal(pl.read_parquet(tmp_path / "plan" / "replays.parquet"), found.replays)
    record = json.loads((tmp_path / "plan" / "plan.json").read_text())
    assert record["verdict"] == found.verdict
    assert record["settings"]["effect"] == 0.1
    manifest = json.loads((tmp_path / "plan" / "manifest.json").read_text())
    assert manifest["command"] == "experiment plan"
    with pytest.raises(InputError, match="exists"):
        plan_experiment(shop / "scores", planning={"replays": 0}, out=tmp_path / "plan")


def test_orders_that_have_moved_are_named(shop, tmp_path):
    (tmp_path / "moved").symlink_to(shop / "log" / "orders")
    found = plan_experiment(shop / "scores", planning={"replays": 0}, orders=str(tmp_path / "moved"))
    assert_frame_equal(found.sizes, plan_experiment(shop / "scores", planning={"replays": 0}).sizes)


def test_of_more_customers_than_are_looked_at_some_are_drawn_by_their_hashes_and_that_is_told(shop, monkeypatch):
    monkeypatch.setattr(plan, "MOST_CUSTOMERS", 600)
    found = planned(shop, replays=0)
    (note,) = (words for words in found.warnings if "drawn by their hashes" in words)
    n = int(note.split()[4].replace(",", ""))
    assert 500 < n < 700
    assert whole(found)["customers"] == found.n_customers > 1_000  # those who are there stay all
    assert planned(shop, replays=0).sizes.equals(found.sizes)
    everybody = [words for words in found.warnings if words != note]
    monkeypatch.undo()
    assert list(planned(shop, replays=0).warnings) == everybody


def test_segments_that_nobody_was_in_before_are_refused(tmp_path):
    """Those of today: customers who came in the last days, after a long time in which nobody came."""
    days = [*range(40), *range(191, 201)]
    orders = pl.DataFrame(
        {
            "customer_id": range(50),
            "order_ts": [date(2025, 1, 1) + timedelta(days=day) for day in days],
            "amount": [10.0] * 50,
        }
    )
    orders.write_parquet(tmp_path / "orders.parquet")
    score(tmp_path / "orders.parquet", out=tmp_path / "scores", measures=False)
    asked = {"windows": 3, "segments": ("New customers",), "replays": 0}
    with pytest.raises(InputError, match=r"nobody was in it at the start of any past window of 28 days") as refused:
        plan_experiment(tmp_path / "scores", planning=asked)
    assert "segment" in str(refused.value)
    assert "\n" not in str(refused.value)
