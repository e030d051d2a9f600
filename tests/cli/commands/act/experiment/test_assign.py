"""`whalecurve experiment assign` as it is typed: arms, what is printed, and what is refused."""

import json

import pytest

from tests.support.commands import misuse, printed, printed_json, refusal
from whalecurve.engine import Simulation, score, simulate


@pytest.fixture(scope="module")
def scores(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    simulate(Simulation(customers=600, seed=4), folder / "log")
    score(folder / "log" / "orders", out=folder / "scores", measures=False)
    return folder / "scores"


ASKED = ("--name", "spring", "--arms", "offer:0.45,control:0.45,nothing:10%")


def assign(scores, *args):
    return printed("experiment", "assign", scores, *ASKED, *args)


def test_text_tells_the_arms_and_where_they_are(scores, tmp_path):
    out = tmp_path / "spring"
    text = assign(scores, "--strata", "rfm", "--holdout", "5%", "--method", "balanced", "--looks", "4", "--out", out)
    assert "in the universal holdout, 5.0% of all" in text
    assert "compared with control by margin over 28 days, looked at 4 times" in text
    assert f"written to {out}: assignment.csv" in text
    assert max(map(len, text.replace(str(out), "spring").splitlines())) <= 80
    record = json.loads((out / "experiment.json").read_text())
    for arm in record["design"]["arms"]:
        assert f"{arm['name']} " in text


def test_json_has_the_record_and_no_id(scores):
    found = printed_json("experiment", "assign", scores, *ASKED, "--effect", "3%", "--days", "4w")
    assert found["design"]["effect"] == 0.03
    assert found["design"]["days"] == 28
    assert [arm["arm"] for arm in found["arms"]] == ["offer", "control", "nothing"]
    assert "customer_id" not in json.dumps(found)


def test_a_settings_file_gives_arms_in_its_own_section(scores, tmp_path):
    path = tmp_path / "s.toml"
    path.write_text('holdout = "90d"\n[experiment.assign]\nname = "spring"\narms = ["offer:0.5", "control:0.5"]\n')
    found = printed_json("experiment", "assign", scores, "--config", path)
    assert [arm["share"] for arm in found["arms"]] == [0.5, 0.5]
    assert found["design"]["held_out"] == "0"


def test_bad_arms_and_frozen_records_are_told_in_options(scores, tmp_path):
    asked = ("experiment", "assign", scores, "--name", "spring")
    assert refusal(*asked, "--arms", "a:0.5,control:0.4").startswith("--arms add up to 0.9, not to 1")
    out = tmp_path / "spring"
    printed(*asked, "--arms", "a:0.5,control:0.5", "--out", out)
    words = refusal(*asked, "--arms", "a:0.5,control:0.5", "--holdout", "5%", "--out", out)
    assert 'spring was assigned with --holdout "0", not "0.05"; the record is frozen' in words
    assert refusal("experiment", "assign", scores, "--name", "a b", "--arms", "a:0.5,control:0.5").startswith(
        '--name "a b"'
    )
    assert "three" in misuse(*asked, "--arms", "a:0.5,control:0.5", "--effect", "three")
