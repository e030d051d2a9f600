import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tests.support.commands import misuse, printed, printed_json, refusal
from tests.support.logs import log, simple_log, write

FILES = [
    *("manifest.json", "measures", "measures.json", "model.json", "refused.parquet", "schema.json", "segments.parquet"),
]


@pytest.fixture
def orders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return write(tmp_path / "orders.parquet", log(channel=["web", "web", "app", None, "web", "web"])).name


def test_it_says_who_comes_back_and_writes_what_is_documented(orders):
    said = printed("measures", orders, "--out", "measures", "--by", "channel")
    assert said.startswith("6 order lines read: 6 used, 0 refused\n\n3 customers with a purchase, ")
    assert "66.7% bought again; " in said
    assert "\ncame by channel: 3 values\n" in said
    assert said.endswith("written to measures\n")
    assert sorted(path.name for path in Path("measures").iterdir()) == FILES
    tables = ["cohorts", "gaps", "groups", "periods", "stickiness"]
    assert sorted(path.stem for path in Path("measures/measures").iterdir()) == tables


def test_json_is_one_object_that_holds_the_files_that_were_written(orders):
    found = printed_json("measures", orders, "--out", "measures", "--by", "channel,COALESCE(channel,'none')")
    assert found["out"] == "measures"
    assert found["measures"] == json.loads(Path("measures/measures.json").read_text())
    assert found["manifest"] == json.loads(Path("measures/manifest.json").read_text())
    assert found["model"] == json.loads(Path("measures/model.json").read_text())
    table = pl.read_parquet("measures/measures/stickiness.parquet").filter(pl.col("by") != "first_month")
    assert found["by"] == table.to_dicts()
    assert {row["by"] for row in found["by"]} == {"channel", "COALESCE(channel,'none')"}


def test_several_values_on_a_first_order_are_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = log(customer_id=[1, 1, 2, 2, 3, 3], channel=["web", "app", "web", None, "web", "app"])
    lines = lines.with_columns(order_ts=pl.lit(date(2024, 1, 1)), order_id=pl.col("customer_id").cast(pl.String))
    write(tmp_path / "orders.parquet", lines)
    said = printed("measures", "orders.parquet", "--out", "measures", "--by", "channel")
    assert "\ncame by channel: 2 values; a first order has 1.7 of them, and its customer counts with each\n" in said
    assert printed_json("measures", "orders.parquet", "--out", "again", "--by", "channel")[
        "values_per_first_order"
    ] == {"channel": 5 / 3}


def test_of_a_dimension_the_most_frequent_values_are_printed(orders):
    said = printed("measures", orders, "--out", "measures", "--by", "customer_id", "--top", "1")
    assert "\ncame by customer_id: 3 values, the 1 most frequent\n" in said
    none = printed("measures", orders, "--out", "measures", "--overwrite", "--by", "customer_id", "--top", "0")
    assert "\ncame by customer_id: 3 values, the 0 most frequent\n\n" in none


def test_settings_shape_the_segments_as_they_do_those_of_score(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "orders.parquet", simple_log(600, 60, seed=2))
    options = ["--segments", "soulmates", "--value", "revenue", "--as-of", "2024-06-30", "--since", "2023-02-01"]
    options += ["--model", "mbgnbd", "--horizon", "90d", "--discount", "0.2", "--risk-threshold", "0.4"]
    found = printed_json("measures", "orders.parquet", "--out", "measures", *options)
    scored = printed_json("score", "orders.parquet", "--out", "scores", *options)
    assert found["measures"] == scored["measures"]
    definitions = found["model"]["definitions"]
    assert definitions.pop("measures_by") == []
    assert definitions == scored["model"]["definitions"]
    assert "in the next 90 days" in printed("measures", "orders.parquet", "--out", "m", *options)


def test_score_can_leave_them_out_and_says_them_in_short_where_it_does_not(orders):
    said = printed("score", orders, "--out", "scores", "--full")
    assert "\n66.7% of buyers bought again; median time between purchases" in said
    without = printed("score", orders, "--out", "scores", "--overwrite", "--no-measures", "--full")
    assert "bought again; median" not in without
    assert not Path("scores/measures.json").exists()
    Path("own.toml").write_text("measures = false\n", encoding="utf-8")
    found = printed_json("score", orders, "--out", "scores", "--overwrite", "--config", "own.toml")
    assert found["measures"] is None
    assert not Path("scores/measures").exists()


def test_orders_that_do_not_serve_are_refused_in_one_line(orders):
    assert "brand" in refusal("measures", orders, "--out", "measures", "--by", "brand")
    assert not Path("measures").exists()
    printed("measures", orders, "--out", "measures")
    assert refusal("measures", orders, "--out", "measures") == (
        "--out measures: exists; choose another directory, or replace it with --overwrite"
    )


def test_a_place_to_write_to_must_be_named(orders):
    assert "Missing option '--out'" in misuse("measures", orders)
