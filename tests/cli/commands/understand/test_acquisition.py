"""`whalecurve acquisition` from the shell: text within 80 columns, JSON, files, and one line for what will not do."""

import json

import pytest

from tests.support.commands import misuse, printed, printed_json, refusal
from whalecurve.engine import Simulation, score, simulate


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    simulate(Simulation(customers=600, seed=3), folder / "log")
    score(folder / "log" / "orders", out=folder / "scores", measures=False)
    lines = ["campaign,month,spend"]
    for month in range(1, 13):
        lines += [
            f"search,2025-{month:02},{100 + 40 * month}",
            f"tv,2025-{month:02},500",
            f"social,2025-{month:02},3000",
        ]
    (folder / "costs.csv").write_text("\n".join(lines))
    return folder


def test_text_has_the_campaigns_and_what_is_not_matched(shop):
    text = printed("acquisition", shop / "scores", "--costs", shop / "costs.csv")
    assert max(len(line) for line in text.splitlines() if not line.startswith("note: ")) <= 80
    assert text.startswith("as of 2025-12-30, by campaign of the first order; costs of 2025-01 to 2025-12\n")
    for words in ("search ", "social ", "(these) ", "(all spend, all new) "):
        assert f"\n{words}" in text
    assert "\nspend that no first order names: tv " in text
    assert "\ncustomers without costs: organic " in text
    assert "\ncustomers in months without any costs " in text
    assert "not by " in text


def test_json_and_files_have_the_same(shop, tmp_path):
    record = printed_json("acquisition", shop / "scores", "--costs", shop / "costs.csv", "--out", tmp_path / "out")
    assert json.loads((tmp_path / "out" / "acquisition.json").read_text()) == record
    assert [row["scope"] for row in record["values"]] == ["value", "value", "matched", "blended"]


def test_the_dimensions_of_other_commands_are_not_taken(shop, tmp_path):
    (tmp_path / "own.toml").write_text('by = "city,brand"\n')
    asked = ("--costs", shop / "costs.csv", "--config", tmp_path / "own.toml")
    assert printed_json("acquisition", shop / "scores", *asked)["by"] == "campaign"


def test_what_will_not_do_is_one_line(shop, tmp_path):
    scores, costs = shop / "scores", ("--costs", shop / "costs.csv")
    assert "no such file" in refusal("acquisition", scores, "--costs", tmp_path / "nope.csv")
    assert 'no column "euros" for --cost-spend' in refusal("acquisition", scores, *costs, "--cost-spend", "euros")
    assert "name another dimension with --by" in refusal("acquisition", scores, *costs, "--by", "brand")
    assert refusal("acquisition", scores, *costs, "--min-months", 1).startswith("--min-months 1 is too few for a line")
    assert "Missing option '--costs'" in misuse("acquisition", scores)
