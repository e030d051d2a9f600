"""`whalecurve whatif` from the shell: text within 80 columns, JSON, files, and one line for what will not do."""

import json
import re

import pytest

from tests.support.commands import misuse, printed, printed_json, refusal
from whalecurve.engine import Simulation, score, simulate


@pytest.fixture(scope="module")
def scores(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    simulate(Simulation(customers=600, seed=3), folder / "log")
    score(folder / "log" / "orders", out=folder / "scores", measures=False)
    return folder / "scores"


def test_text_says_what_is_supposed_and_what_comes_of_it(scores):
    text = printed(
        "whatif", scores, "--retention", "+5%", "--basket", "3%", "--margin-rate", "+1pt", "--acquire", 1000,
        "--worth", 2, "--tornado",
    )  # fmt: skip
    assert max(len(line) for line in text.splitlines() if not line.startswith("note: ")) <= 80
    assert "supposed: odds of staying +5.0%, value of a purchase +3.0%," in text
    assert "1,000 new customers" in text
    assert "active customers who are still active in a year: " in text
    for words in ("today's customers", "new customers", "together", "Champions", "Hibernating"):
        assert f"\n{words}  " in text
    assert "\nhorizon  " in text
    assert "parameters may be off by: ±" in text
    assert "to be worth 2.00 a customer, on its own:\n  odds of staying +" in text
    assert re.search(r"\n  purchase rate \+[\d.]+% \(95% interval \+[\d.]+% to \+[\d.]+%\)\n", text)


def test_what_retention_cannot_bring_is_said(scores):
    text = printed("whatif", scores, "--worth", 1e6)
    assert "supposed: no change" in text
    assert "odds of staying - no change is enough; if nobody left any more, it would be " in text


def test_json_and_files_have_the_same(scores, tmp_path):
    record = printed_json(
        "whatif", scores, "--yearly-retention", "1pt", "--segment", "champions", "--out", tmp_path / "w"
    )
    assert record["levers"]["yearly_retention"] == 0.01
    assert record["levers"]["segments"] == ["Champions"]
    assert json.loads((tmp_path / "w" / "whatif.json").read_text()) == record
    assert sorted(path.name for path in (tmp_path / "w").iterdir()) == [
        "manifest.json",
        "model.json",
        "schema.json",
        "whatif.json",
        "whatif.parquet",
    ]


def test_settings_for_scoring_are_no_levers(scores, tmp_path):
    (tmp_path / "own.toml").write_text('discount = 0.5\nhorizon = "30d"\n[whatif]\nbasket = "+10%"\n')
    record = printed_json("whatif", scores, "--config", tmp_path / "own.toml")
    assert (record["levers"]["annual_discount"], record["levers"]["horizon_days"]) == (None, None)
    assert record["levers"]["basket"] == 0.1
    (tmp_path / "own.toml").write_text("[whatif]\ndiscount = 0.5\n")
    record = printed_json("whatif", scores, "--config", tmp_path / "own.toml")
    assert record["levers"]["annual_discount"] == 0.5


def test_what_will_not_do_is_one_line(scores, tmp_path):
    assert (
        refusal("whatif", tmp_path) == f"{tmp_path}: no whalecurve result; name a directory that whalecurve score wrote"
    )
    assert refusal("whatif", scores, "--discount", -1).startswith("--discount -1.0 is not a valid yearly rate;")
    assert refusal("whatif", scores, "--yearly-retention", "90pt").endswith("suppose fewer points")
    assert refusal("whatif", scores, "--segment", "nobody").startswith('--segment "nobody": no such segment of rfm;')
    assert '"5" is no change; write it as +5% or -5%' in misuse("whatif", scores, "--retention", "5")
    assert '"5%" is no number of points; write it as +2pt or -0.5pt' in misuse("whatif", scores, "--margin-rate", "5%")
