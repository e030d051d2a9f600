"""Simulated surveys, tickets and contracts: as planted, the same for the same seed, and beside the very same orders."""

import json

import polars as pl
import pytest

from whalecurve.engine import Simulation, simulate

WORDS = ("surveys", "tickets", "contracts")


def made(folder, **settings):
    simulate(Simulation(**({"customers": 5_000, "seed": 7, "side_files": WORDS} | settings)), folder)
    return {
        word: pl.read_parquet(folder / f"{word}.parquet") for word in WORDS if (folder / f"{word}.parquet").exists()
    }


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    folder = tmp_path_factory.mktemp("beside") / "log"
    files = made(folder)
    truth = json.loads((folder / "truth.json").read_text())
    return folder, files, truth


def test_rows_are_as_many_as_is_told_and_some_are_of_nobody(log):
    folder, files, truth = log
    known = pl.read_parquet(folder / "orders")["customer_id"].unique()
    for word in WORDS:
        assert files[word].height == truth[word]["rows"]
        nobody = files[word].filter(~pl.col("customer_id").is_in(known.implode()))
        assert nobody.height == truth[word]["rows_of_nobody"] == 12
        assert set(files[word].columns) == set(truth[word]["columns"])


def test_answers_come_after_the_first_order_and_before_the_end(log):
    folder, files, _ = log
    first = pl.read_parquet(folder / "orders").group_by("customer_id").agg(pl.col("order_ts").min().dt.date())
    answered = files["surveys"].join(first, on="customer_id")
    assert (answered["time"].dt.date() >= answered["order_ts"]).all()
    assert files["surveys"]["time"].max() < pl.read_parquet(folder / "orders")["order_ts"].max().replace(
        hour=23, minute=59
    )


def test_scores_have_the_planted_means(log):
    _, files, truth = log
    nps, review = truth["surveys"]["planted"]
    answers = files["surveys"].filter(pl.col("score").is_not_null(), question="nps")
    assert answers.filter(pl.col("score") > 10).height == truth["surveys"]["impossible_scores"] == 8
    effects = nps["effects"]
    frequent, asked = effects["frequent"], files["surveys"].filter(question="nps").height
    rate = frequent * effects["answer_rate_of_frequent"] + (1 - frequent) * effects["answer_rate"]
    assert answers.height / asked == pytest.approx(rate, abs=0.03)
    stars = files["surveys"].filter(question="review")
    of_brand = stars.filter(product=review["value"])["score"].mean()
    assert of_brand == pytest.approx(review["effects"]["mean"], abs=0.5)
    others = stars.filter(pl.col("product") != review["value"])["score"].mean()
    assert others == pytest.approx(review["effects"]["mean_of_others"], abs=0.1)


def test_contracts_are_renewed_by_whole_months(log):
    _, files, truth = log
    ended = files["contracts"].filter(pl.col("end").is_not_null())
    months = (pl.col("end").dt.year() - pl.col("start").dt.year()) * 12
    months += pl.col("end").dt.month().cast(pl.Int32) - pl.col("start").dt.month().cast(pl.Int32)
    again = pl.col("start").dt.offset_by(months.cast(pl.String) + "mo")
    assert ended.select((again == pl.col("end")).all()).item()
    for fact in truth["contracts"]["planted"]:
        own = ended.filter(plan=fact["value"])
        share = own.select((pl.col("reason") != "cancellation_requested").mean()).item()
        assert share == pytest.approx(fact["effects"]["involuntary"], abs=0.06)
    running = files["contracts"].filter(pl.col("end").is_null())
    assert running["reason"].null_count() == running.height


def test_the_same_seed_gives_the_same_files_beside_the_same_orders(log, tmp_path):
    folder, files, _ = log
    again = made(tmp_path / "again", side_files=("contracts", "surveys"))
    assert again["surveys"].equals(files["surveys"])
    assert again["contracts"].equals(files["contracts"])
    assert pl.read_parquet(tmp_path / "again" / "orders").equals(pl.read_parquet(folder / "orders"))
    other = made(tmp_path / "other", seed=8, side_files=("contracts",))
    assert not other["contracts"].equals(files["contracts"])
