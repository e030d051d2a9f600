"""Twelve wrong mappings each get their warning and no other; sound logs get none."""

import os
from pathlib import Path
from shutil import copy

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.support import cdnow
from tests.support.commands import printed_json, run
from tests.support.logs import write, write_all
from tests.support.wrong_mappings import WRONG, ids_in_any_case, order_totals, refunds, shop
from whalecurve import engine
from whalecurve.cli.errors import in_options

SHOP = shop()


def warnings(orders, **columns):
    found = engine.check_orders(orders, engine.Columns(**columns))
    return [in_options(words) for words in (*found.audit.warnings, *found.notes)]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.__name__)
def test_a_wrong_mapping_gets_its_warning_and_no_other(tmp_path, wrong):
    lines = wrong(SHOP)
    (said,) = warnings(write(tmp_path / "a.parquet", lines))
    assert WRONG[wrong] in said
    half = lines.height // 2
    mixed = lines.sample(fraction=1.0, shuffle=True, seed=2)
    assert warnings(write_all(tmp_path / "parts", mixed.head(half), mixed.tail(-half))) == [said]


def test_a_file_under_two_names_gets_its_warning_and_no_other(tmp_path):
    path = write(tmp_path / "a.parquet", SHOP)
    copy(path, tmp_path / "b.parquet")
    (said,) = warnings(tmp_path)
    assert said.endswith(f"b.parquet is a copy of {path}: {SHOP.height:,} lines count twice; exclude it")


def test_what_the_warnings_advise_mends_the_log(tmp_path):
    sound = SHOP.group_by("customer_id").agg(pl.col("amount").sum().round(2)).sort("customer_id").rows()

    def revenue(lines, **columns):
        path = write(tmp_path / "a.parquet", lines)
        assert warnings(path, **columns) == []
        summary = engine.customer_summary(engine.scan_orders(path, engine.Columns(**columns))).collect()
        return summary.select("customer_id", pl.col("revenue").round(2)).sort("customer_id").rows()

    assert revenue(order_totals(SHOP), order_total=True) == sound
    assert revenue(ids_in_any_case(SHOP), normalise_ids=("trim", "lower")) == sound
    given_back = float(refunds(SHOP)["refunded_amount"].sum())
    left = sum(worth for _, worth in revenue(refunds(SHOP), refund="refunded_amount"))
    assert left == pytest.approx(float(SHOP["amount"].sum()) - given_back, abs=0.005)


def test_sound_logs_get_no_warning(tmp_path):
    assert warnings(write(tmp_path / "shop.parquet", SHOP)) == []
    assert warnings(SHOP.with_columns(customer_id=pl.col("customer_id").str.slice(1).cast(pl.Int64))) == []
    demo = engine.simulate(engine.Simulation(customers=3_000), tmp_path / "demo")
    assert warnings(demo.orders) == []


def test_the_published_logs_get_no_warning_but_for_the_lines_that_they_have_twice():
    for lines in (cdnow.sample(), cdnow.master()):
        assert [said for said in warnings(lines) if not said.startswith("lines equal to another one in all 3")] == []


@pytest.mark.skipif("WHALECURVE_DATA" not in os.environ, reason="WHALECURVE_DATA names no folder with the log")
def test_online_retail_gets_no_warning_but_for_what_it_is_known_for():
    log = Path(os.environ["WHALECURVE_DATA"]) / "online_retail" / "online_retail_2009_2011_union.parquet"
    nobodys, twice = warnings(log, preset="online-retail")
    assert nobodys == "lines that name no customer: 235,287 (22.5%); they are not counted for any customer"
    assert twice.startswith("lines equal to another one in all 8 columns: 11,812 of 1,044,847 (1.1%)")


def test_strict_makes_warnings_fail_once_they_are_printed(tmp_path):
    sound, wrong = write(tmp_path / "a.parquet", SHOP), write(tmp_path / "b.parquet", order_totals(SHOP))
    assert run("check", sound, "--strict").exit_code == 0
    assert run("check", wrong).exit_code == 0
    failed = run("check", wrong, "--strict")
    assert failed.exit_code == 3
    assert 'note: amount "amount" is the same on all lines of ' in failed.stdout
    assert printed_json("check", wrong, "--order-total", "--strict")["warnings"] == []


def test_the_scores_of_a_mended_log_are_those_of_the_sound_one(tmp_path):
    sound = engine.score(write(tmp_path / "a.parquet", SHOP), out=tmp_path / "sound")
    wrong = write(
        tmp_path / "b.parquet", ids_in_any_case(order_totals(SHOP)).sample(fraction=1.0, shuffle=True, seed=3)
    )
    columns = engine.Columns(order_total=True, normalise_ids=("trim", "lower"))
    mended = engine.score(wrong, out=tmp_path / "mended", columns=columns)
    assert_frame_equal(mended.to_polars(), sound.to_polars(), check_exact=True)
