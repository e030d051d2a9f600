"""Surveys and tickets of a simulated shop: what is planted is found, nothing where nothing is, all as plain Python."""

import json
from collections import defaultdict
from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from whalecurve import engine
from whalecurve.engine.errors import InputError


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return made(tmp_path_factory.mktemp("shop"), planted=True)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return made(tmp_path_factory.mktemp("plain"), planted=False)


def made(folder, *, planted):
    beside = ("surveys", "tickets")
    engine.simulate(engine.Simulation(customers=4_000, seed=11, planted=planted, side_files=beside), folder / "log")
    engine.score(folder / "log" / "orders", out=folder / "scores", layout="flat", measures=False)
    return folder


@pytest.fixture(scope="module")
def found(shop):
    return measured(shop, tickets=shop / "log" / "tickets.parquet")


def measured(folder, *, surveys=None, **given):
    surveys = folder / "log" / "surveys.parquet" if surveys is None else surveys
    return engine.measure_experience(folder / "scores", surveys=surveys, **given)


def truth(folder, word):
    return json.loads((folder / "log" / "truth.json").read_text())[word]


def row_of(table, **keys):
    (row,) = table.filter(
        pl.all_horizontal(pl.col(name).eq_missing(pl.lit(value)) for name, value in keys.items())
    ).iter_rows(named=True)
    return row


def test_rows_of_nobody_and_impossible_scores_are_counted(shop, found):
    said = truth(shop, "surveys")
    assert found.rows["surveys"]["rows"] == said["rows"]
    assert found.rows["surveys"]["refused"] == {
        "of customers without orders": said["rows_of_nobody"],
        "with a score that is not on its scale": said["impossible_scores"],
    }
    assert found.rows["tickets"]["refused"] == {"of customers without orders": truth(shop, "tickets")["rows_of_nobody"]}


def test_scores_by_segment_are_those_of_plain_python(shop, found):
    customers = pl.read_parquet(shop / "scores" / "customers")
    segment = dict(customers.select("customer_id", "rfm_segment").iter_rows())
    latest = {}
    answers = pl.read_parquet(shop / "log" / "surveys.parquet").filter(question="nps").sort("time")
    for row in answers.iter_rows(named=True):
        if row["score"] is not None and row["score"] <= 10 and row["customer_id"] in segment:
            latest[row["customer_id"]] = row["score"]
    groups = defaultdict(list)
    for customer, score in latest.items():
        groups[segment[customer]].append(score)
    table = found.scores.filter(question="nps", by="rfm")
    assert table.height >= 8
    for row in table.iter_rows(named=True):
        scores = groups[row["value"]]
        nps = 100 * (sum(s >= 9 for s in scores) - sum(s <= 6 for s in scores)) / len(scores)
        assert (row["customers"], row["nps"], row["mean"]) == (
            len(scores), pytest.approx(nps), pytest.approx(np.mean(scores))
        )  # fmt: skip
        assert row["nps_low"] <= row["nps"] <= row["nps_high"]


def test_what_is_planted_is_found(shop, found):
    (nps, review) = truth(shop, "surveys")["planted"]
    effects = nps["effects"]
    share = effects["frequent"]
    of_all = share * effects["of_frequent"] + (1 - share) * effects["of_others"]
    raw = row_of(found.scores, by="all", question="nps")
    weighted = row_of(found.weighted, question="nps", measure="nps")
    assert raw["nps"] > of_all  # who is content answers more often
    assert abs(weighted["weighted"] - of_all) < abs(weighted["raw"] - of_all)
    assert weighted["effective_customers"] < weighted["customers"]
    asked = effects["frequent"] * effects["answer_rate_of_frequent"] + (1 - share) * effects["answer_rate"]
    assert raw["response_rate_low"] <= asked <= raw["response_rate_high"]
    champions, asleep = (row_of(found.scores, value=name, question="nps") for name in ("Champions", "Hibernating"))
    assert champions["nps_low"] > asleep["nps_high"]
    toxic = row_of(found.scores, by="product", value=review["value"], question="review")
    others = row_of(found.scores, by="all", question="review")
    assert toxic["mean_high"] < others["mean_low"]
    assert toxic["mean_low"] <= review["effects"]["mean"] <= toxic["mean_high"]


def test_promoters_buy_again_more_often_which_is_an_association(found):
    of = {row["class"]: row for row in found.classes.filter(question="nps").iter_rows(named=True)}
    assert of["promoter"]["difference_low"] > 0.0 > of["detractor"]["difference"]
    assert of["promoter"]["mean_value"] > of["detractor"]["mean_value"]
    assert 0.0 < of["detractor"]["clv_share"] < of["promoter"]["clv_share"] < 1.0


def test_later_purchases_are_those_of_plain_python(shop, found):
    as_of = pl.read_parquet(shop / "log" / "orders")["order_ts"].max().date()
    lines = pl.read_parquet(shop / "log" / "orders").with_columns(day=pl.col("order_ts").dt.date())
    days = lines.group_by("customer_id", "day").agg(
        sold=(pl.col("amount") >= 0).any(), back=(pl.col("amount") < 0).any(), net=pl.col("amount").sum()
    )
    bought = defaultdict(list)
    for customer, day, sold, back, net in days.iter_rows():
        if sold and (not back or net > 0):
            bought[customer].append(day)
    seen = defaultdict(list)
    answers = pl.read_parquet(shop / "log" / "surveys.parquet").filter(pl.col("score") <= 10, question="nps")
    last = {}
    for row in answers.sort("time").iter_rows(named=True):
        if row["customer_id"] in bought and row["time"].date() + timedelta(days=90) <= as_of:
            last[row["customer_id"]] = row
    for customer, row in last.items():
        day = row["time"].date()
        kind = "promoter" if row["score"] >= 9 else "detractor" if row["score"] <= 6 else "passive"
        seen[kind].append(any(day < other <= day + timedelta(days=90) for other in bought[customer]))
    for row in found.classes.filter(pl.col("observed").is_not_null(), question="nps").iter_rows(named=True):
        own = seen[row["class"]]
        assert (row["observed"], row["bought_share"]) == (len(own), pytest.approx(np.mean(own)))


def test_tickets_are_solved_as_planted(shop, found):
    (planted,) = truth(shop, "tickets")["planted"]
    effects = planted["effects"]
    champions, asleep = (row_of(found.tickets, value=name) for name in ("Champions", "Hibernating"))
    assert champions["resolution_rate_low"] > asleep["resolution_rate_high"]
    assert champions["hours_half"] < asleep["hours_half"]
    assert effects["solved"] - 0.05 < asleep["resolution_rate"] < effects["solved_of_frequent"]
    row = row_of(found.tickets, by="all")
    assert row["tickets"] == found.rows["tickets"]["used"]
    assert row["contacts_per_order_low"] <= row["contacts_per_order"] <= row["contacts_per_order_high"]
    assert row["reopened_rate_low"] <= 0.10 <= row["reopened_rate_high"]


def test_nothing_is_found_where_nothing_is_planted(plain):
    found = measured(plain, settings={"level": 0.999})  # of some dozens of intervals, none should miss
    everybody = row_of(found.scores, by="all", question="nps")
    for row in found.scores.filter(pl.col("by") != "all", question="nps").iter_rows(named=True):
        assert row["nps_low"] <= everybody["nps"] <= row["nps_high"]
    for row in found.classes.filter(pl.col("difference").is_not_null()).iter_rows(named=True):
        assert row["difference_low"] <= 0.0 <= row["difference_high"]
    weighted = row_of(found.weighted, question="nps", measure="nps")
    assert weighted["weighted_low"] <= weighted["raw"] <= weighted["weighted_high"]


def test_order_of_rows_and_shares_of_customers_change_nothing(shop, found, monkeypatch):
    shuffled = pl.read_parquet(shop / "log" / "surveys.parquet").sample(fraction=1.0, shuffle=True, seed=3)
    monkeypatch.setattr("whalecurve.engine.experience.measure_experience.ROWS_PER_PASS", 1_500)
    again = measured(shop, surveys=shuffled, tickets=shop / "log" / "tickets.parquet")
    for name, table in found.tables.items():
        assert_frame_equal(again.tables[name], table, check_exact=True)


def test_files_and_the_record_have_the_same(shop, tmp_path):
    found = measured(shop, settings={"repeat_days": 0, "weight_by": []}, out=tmp_path / "out")
    assert json.loads((tmp_path / "out" / "experience.json").read_text()) == found.to_dict()
    assert_frame_equal(pl.read_parquet(tmp_path / "out" / "scores.parquet"), found.scores)
    assert found.tickets is None
    assert found.weighted.is_empty()
    assert found.classes["observed"].null_count() == found.classes.height
    assert not (tmp_path / "out" / "tickets.parquet").exists()


def test_a_file_may_be_mapped_by_expressions(shop):
    rows = pl.read_parquet(shop / "log" / "surveys.parquet").filter(question="nps")
    odd = rows.select("customer_id", when="time", points="score")
    settings = {"survey_time": "when", "survey_question": "'nps'", "survey_score": "points"}
    found = measured(shop, surveys=odd, settings=settings)
    assert row_of(found.scores, by="all")["nps"] == row_of(measured(shop).scores, by="all", question="nps")["nps"]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (lambda rows: rows.drop("score"), "no column score, rating or answer"),
        (lambda rows: rows.drop("question"), "no column question"),
        (lambda rows: rows.with_columns(score=pl.lit("good")), "is String, expected a number"),
        (lambda rows: rows.with_columns(question=pl.int_range(pl.len()).cast(pl.String)), "different questions"),
    ],
)
def test_files_that_will_not_do_are_named(shop, changed, says):
    with pytest.raises(InputError, match=says):
        measured(shop, surveys=changed(pl.read_parquet(shop / "log" / "surveys.parquet")))


def test_something_has_to_be_measured(shop):
    with pytest.raises(InputError, match="nothing to measure"):
        engine.measure_experience(shop / "scores")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"wave": "day"}, "is unknown"),
        ({"min_customers": 1}, "out of range"),
        ({"repeat_days": -1}, "out of range"),
        ({"level": 1.0}, "out of range"),
        ({"weight_by": ["shoe size"]}, "is unknown"),
        ({"weight_by": "rfm"}, "is a list"),
    ],
)
def test_settings_that_will_not_do_are_named(wrong, says):
    with pytest.raises(InputError, match=says):
        engine.ExperienceSettings(**wrong)


def test_files_of_tools_are_read_by_their_columns(shop):
    rows = pl.read_parquet(shop / "log" / "surveys.parquet").filter(question="review").head(400)
    when = {"sent_datetime": pl.col("time"), "scored_datetime": pl.col("time"), "ticket_id": pl.lit(1)}
    gorgias = rows.select("customer_id", "score", **when)
    row = row_of(measured(shop, surveys=gorgias).scores, by="all")
    assert (row["question"], row["scale"], row["mean"]) == ("csat", 5, pytest.approx(rows["score"].mean(), abs=0.05))
    words = pl.when(pl.col("score") >= 4).then(pl.lit("good")).when(pl.col("score") <= 2).then(pl.lit("bad"))
    zendesk = rows.select(
        "time",
        requester_id="customer_id",
        ticket_id=pl.lit(1),
        assignee_id=pl.lit(1),
        created_at="time",
        score=words.otherwise(pl.lit("offered")),
    )
    found = measured(shop, surveys=zendesk)
    row = row_of(found.scores, by="all")
    assert (row["question"], row["scale"]) == ("csat", 1)
    assert row["top_share"] + row["bottom_share"] == pytest.approx(1.0)
    assert row["response_rate"] < 1.0
    assert "Zendesk, satisfaction ratings" in found.warnings[0]
    delighted = rows.select("score", "time", email="customer_id", comment=pl.lit(""), created_at="time")
    row = row_of(measured(shop, surveys=delighted.with_columns(survey_type=pl.lit("nps"))).scores, by="all")
    assert row["nps"] == -100.0  # up to five stars
    tickets = pl.read_parquet(shop / "log" / "tickets.parquet")
    metrics = tickets.select(
        requester_id="customer_id", created_at="opened", solved_at="solved", reopens=pl.col("reopened").cast(pl.Int64)
    )
    own, theirs = (
        engine.measure_experience(shop / "scores", tickets=one).tickets.drop("^rating.*$") for one in (tickets, metrics)
    )
    assert_frame_equal(own, theirs)


def test_answers_to_no_question_are_refused(shop):
    blank = pl.read_parquet(shop / "log" / "surveys.parquet").with_columns(question=pl.lit(" "))
    found = measured(shop, surveys=blank)
    assert found.rows["surveys"]["refused"]["without question"] > 0
    assert found.scores.is_empty()
    assert "there are no scores" in " ".join(found.warnings)
