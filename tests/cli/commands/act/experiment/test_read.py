"""`whalecurve experiment read` as it is typed: what is printed, written, and refused."""

import json
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from tests.support.commands import printed, printed_json, refusal
from tests.support.experiments import START, assigned, shop, write

N = 900


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A log with an effect, one without, and an experiment of its customers with segments."""
    folder = tmp_path_factory.mktemp("experiment")
    is_offer = np.random.default_rng(3).random(N) < 0.5
    orders = shop(N, treated=is_offer, effect=1.0).with_columns(margin=pl.col("amount") * 0.4)
    orders.write_parquet(folder / "orders.parquet")
    before = orders.filter(pl.col("order_ts") < START).group_by("customer_id").agg(pl.col("margin").sum())
    value = before.sort("customer_id")["margin"].to_list()
    segments = [["Champions", "At risk", "A segment with a name that is longer than a table"][i % 3] for i in range(N)]
    arms = ["offer" if offer else "control" for offer in is_offer]
    settings = {"metric": "margin", "value": "margin", "effect": 0.1, "hypothesis": "a voucher brings them back"}
    write(folder / "spring", assigned(arms, value=value, segment=segments), **settings)
    write(folder / "looks", assigned(arms, value=value, segment=segments), looks=4, **settings)
    orders.filter(pl.col("order_ts") < START + timedelta(days=15)).write_parquet(folder / "early.parquet")
    return folder


def read(folder, *args, orders="orders.parquet", experiment="spring"):
    return printed("experiment", "read", folder / orders, "--experiment", folder / experiment, *args)


def test_text_tells_sizes_then_the_verdict_and_money_in_eighty_columns(folder, tmp_path):
    text = read(folder, "--cost-per-customer", "0.5", "--out", tmp_path / "read")
    said = text.replace(str(tmp_path), "")
    assert max(map(len, said.splitlines())) <= 80
    order = [
        "hypothesis: a voucher brings them back",
        "the arms have the planned sizes",
        "offer: works",
        "net +",
        "segment  ",
    ]
    assert [said.index(words) for words in order] == sorted(said.index(words) for words in order)
    assert "chance of being best, costs counted: control 0.0%, offer 100.0%" in said
    assert json.loads((tmp_path / "read" / "readout.json").read_text())["plan"]["name"] == "spring"


def test_json_is_the_record(folder):
    found = printed_json("experiment", "read", folder / "orders.parquet", "--experiment", folder / "spring")
    assert found["verdicts"][0]["kind"] == "works"
    assert "customer_id" not in json.dumps(found)


def test_planned_looks_are_told_with_their_boundaries(folder):
    text = read(folder, orders="early.parquet", experiment="looks")
    assert "look 2 of 4, after 14 days" in text
    assert "information" in text
    assert max(map(len, text.splitlines())) <= 80


def test_before_the_end_there_is_no_p(folder):
    text = read(folder, orders="early.parquet")
    assert "not read yet: it was planned to be read with the orders up to 2025-06-28" in text
    assert ", p " not in text


def test_a_mismatch_stops_it_in_words(folder, tmp_path):
    table = pl.read_parquet(folder / "spring" / "assignment.parquet")
    lost = table.filter((pl.col("arm") == "control") | (pl.col("customer_id") % 2 == 0))
    write(tmp_path / "lost", lost, metric="margin", value="margin")
    text = read(folder, experiment=tmp_path / "lost")
    assert "STOPPED: the arms do not have the planned sizes (p <0.001" in text
    assert "offer: works" not in text


def test_what_is_refused_is_told_in_options(folder, tmp_path):
    asked = ("experiment", "read", folder / "orders.parquet", "--experiment")
    assert "holds no experiment; name a directory" in refusal(*asked, tmp_path)
    words = refusal(*asked, folder / "spring", "--margin", "")
    assert "the orders carry none; map it with --margin or --cost" in words
    assert "--cost-per-customer -1.0 is not a cost" in refusal(*asked, folder / "spring", "--cost-per-customer", "-1")
