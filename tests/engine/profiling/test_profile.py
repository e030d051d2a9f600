"""The ideal customer: shares against a naive count, the choice of the segment, orders that moved or changed, files."""

import json
import shutil
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.support.logs import simple_log
from whalecurve.engine import Columns, InputError, Profiling, Scoring, Seeding, Window, open_result, profile, score
from whalecurve.engine.profiling.segment import chosen

ASKED = Profiling(by=("category",), first_by=("channel",), next_by=("category",), min_customers=1)
CELLS = ("retain", "divest", "grow", "maintain")
BY_FREQUENCY = """
name = "by frequency"
description = "Often or not."
bins = 2
segment = [{name = "Often", f = 2, action = "-"}, {name = "Seldom", f = 1, action = "-"}]
"""
SEASONS = ("Dec-Feb", "Mar-May", "Jun-Aug", "Sep-Nov")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    rng = np.random.default_rng(3)
    lines = simple_log(3_000, 300, seed=4)
    lines.with_columns(
        category=pl.Series(rng.choice(["a", "b", "c", None], lines.height, p=[0.5, 0.3, 0.15, 0.05])),
        channel=pl.Series(rng.choice(["web", "shop"], lines.height)),
        extra=pl.lit(1.0),
    ).write_parquet(folder / "log.parquet")
    columns = Columns(amount="amount * extra", where="amount < 200")
    score(folder / "log.parquet", out=folder / "scores", columns=columns, window=Window(as_of=date(2024, 11, 30)))
    return folder


@pytest.fixture(scope="module")
def found(shop):
    return profile(shop / "scores", segment="Champions", settings=ASKED)


@pytest.fixture(scope="module")
def naive(shop):
    """The lines of the base as dictionaries, who is in the segment, and the purchase days of each customer."""
    lines = pl.read_parquet(shop / "log.parquet").filter(pl.col("amount") < 200, pl.col("order_ts") < date(2024, 12, 1))
    known = open_result(shop / "scores").customers.collect().filter(pl.col("n_purchase_days") > 0)
    segment = dict(zip(known["customer_id"], known["rfm_segment"] == "Champions", strict=True))
    rows = [row for row in lines.iter_rows(named=True) if row["customer_id"] in segment]
    by_day = defaultdict(list)
    for row in rows:
        by_day[row["customer_id"], row["order_ts"].date()].append(row["amount"])
    days = defaultdict(list)
    for (who, day), amounts in sorted(by_day.items()):
        if max(amounts) >= 0 and (min(amounts) >= 0 or sum(amounts) > 0):
            days[who].append(day)
    return rows, segment, days


def table(found, question, dimension, measure):
    rows = found.table.filter(question=question, dimension=dimension, measure=measure)
    return {row["value"]: row for row in rows.iter_rows(named=True)}


def orders_of(rows):
    """Sale lines by order."""
    orders = defaultdict(list)
    for row in rows:
        if row["amount"] >= 0:
            orders[row["customer_id"], row["order_ts"].date(), row["order_id"]].append(row)
    return orders


def check_shares(found, own, every, n_own, n_every):
    assert set(found) == set(every)
    for value, row in found.items():
        assert row["segment"] == pytest.approx(own[value] / n_own, rel=1e-12)
        assert row["base"] == pytest.approx(every[value] / n_every, rel=1e-12)
        rest = (every[value] - own[value]) / (n_every - n_own)
        assert row["rest"] == pytest.approx(rest, rel=1e-9)
        assert row["index"] == pytest.approx(100 * (own[value] / n_own) / (every[value] / n_every), rel=1e-12)
        if row["lift"] is not None and rest > 0:
            assert row["lift"] == pytest.approx(own[value] / n_own / rest, rel=1e-9)
            assert row["lift_low"] <= row["lift"] <= row["lift_high"]


def test_the_base_is_every_customer_with_a_purchase(found, naive):
    _, segment, days = naive
    assert found.customers == {"segment": sum(segment.values()), "base": len(segment)}
    assert set(days) == set(segment)


@pytest.mark.parametrize("facet", ["season", "month", "weekday", "hour"])
def test_when_counts_orders(found, naive, facet):
    rows, segment, _ = naive
    told = {
        "season": lambda lines: SEASONS[lines[0]["order_ts"].month % 12 // 3],
        "month": lambda lines: f"{lines[0]['order_ts']:%B}",
        "weekday": lambda lines: f"{lines[0]['order_ts']:%A}",
        "hour": lambda lines: f"{min(line['order_ts'].hour for line in lines):02}",
    }[facet]
    orders = orders_of(rows)
    every = Counter(told(lines) for lines in orders.values())
    own = Counter(told(lines) for (who, *_), lines in orders.items() if segment[who])
    check_shares(table(found, "when", facet, "orders"), own, every, sum(own.values()), sum(every.values()))


def test_the_calendar_is_told_in_its_own_order(found):
    assert list(table(found, "when", "weekday", "orders"))[:2] == ["Monday", "Tuesday"]
    assert list(table(found, "when", "month", "orders"))[-2:] == ["November", "December"]
    assert list(table(found, "gap", "days to the next purchase", "gaps"))[:2] == ["1-7 days", "8-14 days"]


def test_what_counts_orders_customers_and_value(found, naive):
    rows, segment, _ = naive
    orders = orders_of(rows)
    every, own = Counter(), Counter()
    for (who, *_), lines in orders.items():
        for value in {line["category"] for line in lines}:
            every[value] += 1
            own[value] += segment[who]
    n_own = sum(segment[who] for who, *_ in orders)
    check_shares(table(found, "what", "category", "orders"), own, every, n_own, len(orders))
    bought = {(who, line["category"]) for (who, *_), lines in orders.items() for line in lines}
    every = Counter(value for _, value in bought)
    own = Counter(value for who, value in bought if segment[who])
    check_shares(table(found, "what", "category", "customers"), own, every, sum(segment.values()), len(segment))
    every, own = Counter(), Counter()
    for row in rows:
        every[row["category"]] += row["margin"]
        own[row["category"]] += row["margin"] * segment[row["customer_id"]]
    check_shares(table(found, "what", "category", "value"), own, every, sum(own.values()), sum(every.values()))


def test_where_from_is_of_the_first_order(found, naive):
    rows, segment, days = naive
    first = {}
    for (who, day, order), lines in orders_of(rows).items():
        if day == days[who][0]:
            came = min(line["order_ts"] for line in lines), order
            first[who] = min(first.get(who, (came, lines)), (came, lines), key=lambda one: one[0])
    pairs = {(who, line["channel"]) for who, (_, lines) in first.items() for line in lines}
    every, own = Counter(value for _, value in pairs), Counter(value for who, value in pairs if segment[who])
    check_shares(table(found, "where", "channel", "customers"), own, every, sum(segment.values()), len(segment))


def test_what_next_is_of_the_second_purchase_day(found, naive):
    rows, segment, days = naive
    able = [who for who in segment if len(days[who]) > 1]
    again = {(who, days[who][1]) for who in able}
    pairs = {
        (row["customer_id"], row["category"])
        for row in rows
        if row["amount"] >= 0 and (row["customer_id"], row["order_ts"].date()) in again
    }
    every, own = Counter(value for _, value in pairs), Counter(value for who, value in pairs if segment[who])
    n_own = sum(segment[who] for who in able)
    check_shares(table(found, "next", "category", "customers"), own, every, n_own, len(able))


def test_never_bought_is_the_rest_of_bought(found):
    bought, never = (
        table(found, *key) for key in (("what", "category", "customers"), ("next", "category", "not bought"))
    )
    assert set(never) == {"a", "b", "c"}
    for value, row in never.items():
        assert row["segment"] == pytest.approx(1 - bought[value]["segment"], rel=1e-12)
        assert row["base"] == pytest.approx(1 - bought[value]["base"], rel=1e-12)


def test_gaps_lie_between_purchase_days(found, naive):
    _, segment, days = naive
    names = {7: "1-7 days", 14: "8-14 days", 30: "15-30 days", 60: "31-60 days", 90: "61-90 days", 180: "91-180 days"}
    every, own = Counter(), Counter()
    for who, mine in days.items():
        for a, b in pairwise(mine):
            name = next((name for last, name in names.items() if (b - a).days <= last), "181 days and more")
            every[name] += 1
            own[name] += segment[who]
    rows = table(found, "gap", "days to the next purchase", "gaps")
    check_shares(rows, own, every, sum(own.values()), sum(every.values()))


def circular(found):
    return {section["dimension"] for section in found.to_dict()["sections"] if section["is_circular"]}


def test_months_seasons_and_gaps_of_a_segment_that_is_defined_by_recency_are_circular(shop, found, tmp_path):
    by_recency = {"season", "month", "days to the next purchase"}
    assert circular(found) == by_recency
    assert circular(profile(shop / "scores", tier="high", settings=ASKED)) == by_recency
    matrix = "".join(f'matrix.{cell} = {{name = "{cell}", action = "-"}}\n' for cell in CELLS)
    (tmp_path / "scheme.toml").write_text(BY_FREQUENCY + matrix)
    scoring = Scoring(segments=str(tmp_path / "scheme.toml"), rfm_bins=2)
    columns = Columns(where="amount < 200")
    score(shop / "log.parquet", out=tmp_path / "scores", columns=columns, scoring=scoring)
    often = profile(tmp_path / "scores", segment="Often", settings=ASKED)
    assert circular(often) == set()
    assert {section["question"] for section in often.to_dict()["sections"]} >= {"when"}


def test_passes_over_the_customers_change_no_digit(shop, found, monkeypatch):
    monkeypatch.setattr("whalecurve.engine.customer_shares.LINES_PER_PASS", 500)
    again = profile(shop / "scores", segment="Champions", settings=ASKED)
    assert again.to_dict() == found.to_dict()
    assert_frame_equal(again.table, found.table, check_exact=True)
    assert_frame_equal(again.due, found.due, check_exact=True)


def test_orders_without_ids_or_hours_are_days(tmp_path):
    lines = simple_log(800, 60, seed=5).with_columns(pl.col("order_ts").dt.date()).drop("order_id")
    lines.write_parquet(tmp_path / "log.parquet")
    score(tmp_path / "log.parquet", out=tmp_path / "scores")
    found = profile(tmp_path / "scores", tier="high", settings=Profiling(min_customers=1))
    assert found.table.filter(question="when")["dimension"].unique(maintain_order=True).to_list() == [
        "season", "month", "weekday",
    ]  # fmt: skip
    assert found.warnings[-1] == "no dimension is asked about; name columns with `by`, `first_by` and `next_by`"
    sales = lines.filter(pl.col("amount") >= 0).unique(["customer_id", "order_ts"])
    mondays = sales.filter(pl.col("order_ts").dt.weekday() == 1).height / sales.height
    assert table(found, "when", "weekday", "orders")["Monday"]["base"] == pytest.approx(
        mondays, rel=0.02
    )  # returned days


def test_zoned_hours_are_those_of_the_zone(tmp_path):
    lines = simple_log(500, 40, seed=6).with_columns(pl.col("order_ts").dt.truncate("1d").dt.offset_by("23h30m"))
    lines = lines.with_columns(pl.col("order_ts").dt.replace_time_zone("UTC"), shift=pl.int_range(pl.len()) % 2)
    lines = lines.with_columns(pl.col("order_ts") - pl.duration(hours=pl.col("shift") * 3))
    lines.write_parquet(tmp_path / "log.parquet")
    score(tmp_path / "log.parquet", out=tmp_path / "scores", window=Window(timezone="Asia/Tokyo"))
    found = profile(tmp_path / "scores", tier="high")
    assert set(table(found, "when", "hour", "orders")) == {"05", "08"}


# Whom


def test_the_default_is_the_segment_at_low_risk_with_most_at_stake_per_customer(shop):
    found = profile(shop / "scores", settings=Profiling(min_customers=5))
    customers = open_result(shop / "scores").customers.collect().drop_nulls("rfm_segment")
    means = customers.group_by("rfm_segment").agg(pl.len(), pl.col("value_at_stake", "churn_risk").mean())
    able = means.filter(pl.col("len") >= 5, pl.col("churn_risk") < 0.5)
    assert found.choice.name == able.sort("value_at_stake")["rfm_segment"][-1]
    assert found.choice.why == "the segment at low risk with the highest mean value at stake"
    assert found.choice.is_default
    assert profile(shop / "scores", segment=found.choice.name).choice.is_default is False


@pytest.mark.parametrize(
    ("risks", "stakes", "name", "why"),
    [
        # Those who can no longer be lost have most at stake, if only they were there.
        ((0.2, 0.9), (100.0, 300.0), "Champions", "the segment at low risk with the highest mean value at stake"),
        ((0.4, 0.3), (100.0, 300.0), "Can't lose them", "the segment at low risk with the highest mean value at stake"),
        ((0.6, 0.9), (100.0, 300.0), "Can't lose them", "the segment with the highest mean value at stake"),
        ((None, None), (100.0, 300.0), "Can't lose them", "the segment with the highest mean value at stake"),
        ((None, None), (None, None), "Champions", "the segment with the highest mean margin"),
    ],
)
def test_who_is_likely_gone_is_no_ideal_customer_whatever_was_at_stake(shop, tmp_path, risks, stakes, name, why):
    result = open_result(shop / "scores")
    table = result.segments.filter(pl.col("segment").is_in(["Champions", "Can't lose them"]), scheme="rfm")
    table = table.sort(pl.col("segment") != "Champions").with_columns(
        customers=pl.lit(50, pl.Int64),
        value=pl.Series([900.0, 800.0]),
        mean_churn_risk=pl.Series(risks, dtype=pl.Float64),
        value_at_stake=pl.Series(stakes, dtype=pl.Float64),
        clv=pl.Series(stakes, dtype=pl.Float64),
    )
    choice = chosen(replace(result, segments=table), segment=None, matrix=None, tier=None, min_customers=30)
    assert (choice.name, choice.why) == (name, why)


def test_tiers_are_a_fifth_three_tenths_and_the_rest(shop):
    sizes = [profile(shop / "scores", tier=tier).customers for tier in ("high", "middle", "low")]
    assert sum(size["segment"] for size in sizes) == sizes[0]["base"]
    assert sizes[0]["segment"] == pytest.approx(0.2 * sizes[0]["base"], abs=1)
    assert sizes[1]["segment"] == pytest.approx(0.3 * sizes[0]["base"], abs=1)


def test_a_cell_of_the_matrix_is_a_group(shop):
    table = pl.read_parquet(shop / "scores" / "segments.parquet").filter(scheme="matrix", segment="Grow")
    assert profile(shop / "scores", matrix="Grow").customers["segment"] == table["customers"].item()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"segment": "Whales"}, '`segment` "Whales": no such segment; choose one of Champions, '),
        ({"segment": "Grow"}, '`segment` "Grow": no such segment; choose one of Champions, '),
        ({"matrix": "Whales"}, '`matrix` "Whales": no such cell; choose one of Retain, Divest, Grow, Maintain'),
        ({"tier": "top"}, '`tier` "top": no such tier; choose one of high, middle, low'),
        ({"segment": "Champions", "tier": "high"}, "`segment` and `tier` are given; they name different groups"),
        ({"settings": Profiling(min_customers=9_999)}, "no segment has 9999 customers; name one with `segment`"),
        ({"seeding": Seeding(size=3)}, "a seed list needs a place to write it"),
    ],
)
def test_a_group_that_there_is_not_is_refused(shop, options, message):
    with pytest.raises(InputError) as refused:
        profile(shop / "scores", **options)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"min_customers": 0}, "`min_customers` must be at least 1, not 0"),
        ({"fdr": 1.0}, "fdr=1.0 is out of range; choose a number between 0 and 1"),
        ({"level": 0.0}, "level=0.0 is out of range; choose a number between 0 and 1"),
        ({"min_lift": 0.9}, "min_lift=0.9 is out of range; choose 1 or more, as 1.2 for a fifth more"),
    ],
)
def test_settings_that_mean_nothing_are_refused(setting, message):
    with pytest.raises(InputError) as refused:
        Profiling(**setting)
    assert str(refused.value) == message


# The orders


@pytest.fixture
def moved(shop, tmp_path):
    """A result and its orders, in places of their own."""
    lines = pl.read_parquet(shop / "log.parquet")
    lines.write_parquet(tmp_path / "log.parquet")
    score(tmp_path / "log.parquet", out=tmp_path / "scores", scoring=Scoring(horizon_days=30))
    return tmp_path


def test_orders_that_moved_are_found_where_they_are_said_to_be(moved):
    before = profile(moved / "scores")
    shutil.move(moved / "log.parquet", moved / "elsewhere.parquet")
    with pytest.raises(InputError) as refused:
        profile(moved / "scores")
    assert str(refused.value) == (
        f"{moved}/scores: its orders are no longer at {moved}/log.parquet; name them with `orders`, or score again"
    )
    assert profile(moved / "scores", orders=moved / "elsewhere.parquet").to_dict() == before.to_dict()


def test_orders_that_changed_are_refused(moved):
    n_bytes = (moved / "log.parquet").stat().st_size
    lines = pl.read_parquet(moved / "log.parquet")
    lines.head(2_999).write_parquet(moved / "log.parquet")
    now = (moved / "log.parquet").stat().st_size
    with pytest.raises(InputError) as refused:
        profile(moved / "scores")
    assert str(refused.value) == (
        f"{moved}/log.parquet: has changed since {moved}/scores was scored: 2,999 rows in {now:,} bytes, then 3,000 in "
        f"{n_bytes:,}; score again, or name the old files with `orders`"
    )
    with pytest.raises(InputError, match=r"`orders`: 1 file of 2,999 rows in .* was scored from 1 file of 3,000 rows"):
        profile(moved / "scores", orders=moved / "log.parquet")


# What is written


def test_what_is_written_is_what_was_found(shop, tmp_path):
    out = tmp_path / "ideal"
    seeding = Seeding(size=7, has_values=True)
    found = profile(shop / "scores", segment="Champions", settings=ASKED, seeding=seeding, out=out)
    names = {path.name for path in out.iterdir()}
    assert names == {
        "profile.parquet", "seeds.parquet", "seeds.csv", "due.parquet", "profile.json", "model.json", "manifest.json",
        "schema.json",
    }  # fmt: skip
    assert_frame_equal(pl.read_parquet(out / "profile.parquet"), found.table)
    assert_frame_equal(pl.read_parquet(out / "due.parquet"), found.due)
    assert json.loads((out / "profile.json").read_text()) == found.to_dict()
    assert_frame_equal(pl.read_csv(out / "seeds.csv"), pl.read_parquet(out / "seeds.parquet"))
    manifest = json.loads((out / "manifest.json").read_text())
    assert {one["path"] for one in manifest["outputs"]} == names - {"manifest.json"}
    definitions = json.loads((out / "model.json").read_text())["definitions"]
    assert (definitions["segment"], definitions["by"], definitions["seeds"]["size"]) == ("Champions", ["category"], 7)
    with pytest.raises(InputError, match="exists; choose another directory, or replace it with overwrite=True"):
        profile(shop / "scores", out=out)
    profile(shop / "scores", tier="low", out=out, overwrite=True)
    assert json.loads((out / "profile.json").read_text())["segment"] == "low"


def test_the_result_that_is_read_is_never_replaced(shop):
    for out, where in ((shop / "scores", "holds"), (shop / "scores" / "ideal", "lies within")):
        with pytest.raises(InputError, match=f"{where} the result that is read"):
            profile(shop / "scores", out=out, overwrite=True)


def test_seeds_are_the_best_of_the_segment(shop, tmp_path):
    profile(shop / "scores", segment="Champions", seeding=Seeding(size=7, has_values=True), out=tmp_path / "ideal")
    customers = open_result(shop / "scores").customers.collect()
    best = customers.filter(rfm_segment="Champions").sort(["clv", "customer_id"], descending=[True, False]).head(7)
    seeds = pl.read_parquet(tmp_path / "ideal" / "seeds.parquet")
    assert_frame_equal(seeds.drop("rank"), best.select("customer_id", "clv", "value"))
    assert seeds["rank"].to_list() == list(range(1, 8))


def test_what_is_told_holds_no_value_of_few_customers(shop):
    asked = Profiling(by=("customer_id",), first_by=("customer_id",), next_by=("customer_id",))
    told = profile(shop / "scores", settings=asked).to_dict(10_000)
    for section in told["sections"]:
        if section["dimension"] == "customer_id":
            leading = next(iter(section["measures"].values()))
            assert leading == []


def test_seeds_that_are_formulas_to_a_spreadsheet_are_counted_and_made_harmless_in_csv_alone(shop, tmp_path):
    ids = open_result(shop / "scores").customers.select("customer_id").collect()
    handles = ids.select("customer_id", handle="@c" + pl.col("customer_id").cast(pl.String))
    handles.write_parquet(tmp_path / "handles.parquet")
    asked = {"segment": "Champions", "customers": tmp_path / "handles.parquet", "settings": ASKED}
    for is_raw in (False, True):
        seeding = Seeding(size=7, column="handle", is_raw=is_raw)
        found = profile(shop / "scores", seeding=seeding, out=tmp_path / f"raw-{is_raw}", **asked)
        seeds = pl.read_parquet(tmp_path / f"raw-{is_raw}" / "seeds.parquet")["handle"].to_list()
        assert all(seed.startswith("@c") for seed in seeds)
        in_csv = pl.read_csv(tmp_path / f"raw-{is_raw}" / "seeds.csv")["handle"].to_list()
        assert in_csv == (seeds if is_raw else [f"'{seed}" for seed in seeds])
        told = [words for words in found.warnings if words.startswith("seeds.csv: an apostrophe is put before 7 of")]
        assert len(told) == (0 if is_raw else 1)
        assert all("is_raw=True leaves them as they are" in words for words in told)
