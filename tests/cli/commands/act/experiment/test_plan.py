"""`whalecurve experiment plan` as it is typed."""

import json

import pytest

from tests.support.commands import printed, printed_json, refusal
from whalecurve.engine import Simulation, score, simulate


@pytest.fixture(scope="module")
def scores(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    simulate(Simulation(customers=900, seed=4), folder / "log")
    score(folder / "log" / "orders", out=folder / "scores", measures=False)
    return folder / "scores"


def test_text_begins_with_the_verdict_and_fits_a_terminal(scores, tmp_path):
    out = tmp_path / "plan"
    text = printed("experiment", "plan", scores, "--effect", "3%", "--replays", "60", "--out", out)
    assert text.startswith("3.0% takes ")
    assert "false alarms" in text
    assert "\n 112 " in text
    assert max(map(len, text.replace(str(out), "plan").splitlines())) <= 80
    record = json.loads((out / "plan.json").read_text())
    assert f"{record['sizes'][0]['needed_adjusted']:,}" in text


def test_json_has_all_of_it(scores):
    found = printed_json("experiment", "plan", scores, "--customers", "300", "--days", "2w", "--replays", "30")
    assert found["settings"]["days"] == 14
    assert found["sizes"][0]["customers"] == 300
    assert [row["test"] for row in found["replays"]] == ["plain", "adjusted"]


def test_what_history_cannot_show_is_refused_in_options(scores):
    words = refusal("experiment", "plan", scores, "--days", "3y")
    assert words.startswith("--days 1096: orders of ")
    assert refusal("experiment", "plan", scores, "--customers", "5000000").startswith("--customers 5000000: ")
