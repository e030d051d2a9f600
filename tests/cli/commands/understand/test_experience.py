"""`whalecurve experience` from the shell."""

import json

import pytest

from tests.support.commands import printed, printed_json, refusal
from whalecurve.engine import Simulation, score, simulate


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    simulate(Simulation(customers=900, seed=3, side_files=("surveys", "tickets")), folder / "log")
    score(folder / "log" / "orders", out=folder / "scores", measures=False)
    return folder


def test_text_has_scores_classes_and_tickets(shop):
    log = shop / "log"
    text = printed(
        "experience", shop / "scores", "--surveys", log / "surveys.parquet", "--tickets", log / "tickets.parquet"
    )
    assert text.startswith("as of 2025-12-30\nsurveys: ")
    for words in (
        "\nnps (of 10) ",
        "promoters",
        "\nreview (of 5)",
        "\nweighted to all customers",
        "\nnps       detractor",
    ):
        assert words in text
    assert "an association, not an effect" in text
    assert "half within" in text


def test_json_and_files_have_the_same(shop, tmp_path):
    surveys = shop / "log" / "surveys.parquet"
    record = printed_json("experience", shop / "scores", "--surveys", surveys, "--out", tmp_path / "out")
    assert json.loads((tmp_path / "out" / "experience.json").read_text()) == record
    assert record["tickets"] is None
    assert {row["question"] for row in record["scores"]} == {"nps", "review", "parcel in time"}


def test_what_will_not_do_is_one_line(shop):
    said = refusal("experience", shop / "scores")
    assert said == "nothing to measure: name a file with --surveys, --tickets, or both"
    surveys = shop / "log" / "surveys.parquet"
    assert refusal("experience", shop / "scores", "--surveys", surveys, "--min-customers", 1).startswith(
        "--min-customers 1"
    )
    assert "points" in refusal("experience", shop / "scores", "--surveys", surveys, "--survey-score", "points")
