"""`whalecurve budget` from the shell: text within 80 columns, JSON, files, and one line for what will not do."""

import json

import pytest

from tests.support.commands import misuse, printed, printed_json, refusal
from whalecurve.engine import Simulation, score, simulate


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    simulate(Simulation(customers=600, seed=3), folder / "log")
    score(folder / "log" / "orders", out=folder / "scores", measures=False)
    (folder / "responses.toml").write_text(
        '[[offer]]\nname = "mail"\ncost = 0.1\nresponse = 0.02\nlow = 0.0\nhigh = 0.04\n'
        '[[offer]]\nname = "call"\ncost = 4.0\nresponse = 0.06\nerror = 0.01\nsegments = ["Champions", "At risk"]\n'
    )
    return folder


def test_text_says_where_the_money_goes_and_where_not(shop):
    text = printed("budget", shop / "scores", "--amount", 200, "--responses", shop / "responses.toml")
    assert max(map(len, text.splitlines())) <= 80
    lines = text.splitlines()
    assert lines[0].startswith("as of 2025-12-30: ")
    assert " of 200 spent on " in lines[0]
    assert lines[1].startswith("expected after costs: ")
    assert "chance of a loss" in lines[1]
    assert lines[2].startswith("one more unit of money would bring ")
    assert "\nin proportion to value at stake " in text
    assert "\nnot worth a contact: " in text


def test_enough_money_buys_all_that_is_worth_it(shop):
    text = printed("budget", shop / "scores", "--amount", 1e6, "--responses", shop / "responses.toml")
    assert "more money would bring nothing: all that is worth a contact is bought" in text


def test_json_and_files_have_the_same(shop, tmp_path):
    asked = ("--amount", 200, "--responses", shop / "responses.toml", "--out", tmp_path / "out")
    record = printed_json("budget", shop / "scores", *asked)
    assert json.loads((tmp_path / "out" / "budget.json").read_text()) == record
    assert record["left"] == 200 - record["total"]["spend"]


def test_the_amount_of_order_lines_is_no_budget(shop, tmp_path):
    (tmp_path / "own.toml").write_text('[columns]\namount = "price"\n[budget]\namount = 150\n')
    asked = ("--responses", shop / "responses.toml", "--config", tmp_path / "own.toml")
    assert printed_json("budget", shop / "scores", *asked)["settings"]["amount"] == 150.0


def test_what_will_not_do_is_one_line(shop, tmp_path):
    asked = ("--amount", 200, "--responses")
    assert "cannot be read" in refusal("budget", shop / "scores", *asked, tmp_path / "nope.toml")
    (tmp_path / "none.toml").write_text('[[offer]]\nname = "mail"\ncost = 1\n')
    said = refusal("budget", shop / "scores", *asked, tmp_path / "none.toml")
    assert said.endswith('offer 1 "mail": no response, and none is made up; state one of response, effect, readout, or '
                         "leave the offer out")  # fmt: skip
    assert refusal("budget", shop / "scores", "--amount", -1, "--responses", shop / "responses.toml").startswith(
        "--amount -1.0 is not a budget"
    )
    assert "Missing option '--amount'" in misuse("budget", shop / "scores", "--responses", shop / "responses.toml")
