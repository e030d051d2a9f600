"""`whalecurve newcomers` from the shell."""

import json

import pytest

from tests.support.commands import printed, printed_json, refusal
from whalecurve.engine import Simulation, score, simulate


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    simulate(Simulation(customers=600, seed=3), folder / "log")
    score(folder / "log" / "orders", out=folder / "scores", measures=False)
    return folder


def test_text_has_a_newcomer_of_all_and_of_each_group(shop):
    text = printed("newcomers", shop / "scores", "--by", "campaign", "--cohorts", "year", "--residual")
    assert text.startswith("a customer acquired after 2025-12-30, by bgnbd and a discount of 10% a year\n")
    for words in ("repeat purchases", "\n2024 ", "\n2025 ", "\nreferral ", "left of all, for ever", "\nChampions "):
        assert words in text


def test_json_and_files_have_the_same(shop, tmp_path):
    record = printed_json("newcomers", shop / "scores", "--by", "campaign", "--out", tmp_path / "out")
    assert json.loads((tmp_path / "out" / "newcomers.json").read_text()) == record
    assert {row["by"] for row in record["groups"]} == {"all", "campaign"}
    assert record["segments"] is None


def test_what_will_not_do_is_one_line(shop, tmp_path):
    assert "no such directory" in refusal("newcomers", tmp_path / "nowhere")
    assert refusal("newcomers", shop / "scores", "--pool", 0).startswith("--pool 0 is out of range")
    assert "euros" in refusal("newcomers", shop / "scores", "--by", "euros")
