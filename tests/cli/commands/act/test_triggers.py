"""`whalecurve triggers` from the shell: text, JSON, files, one-line errors, and no id on stdout."""

import polars as pl
import pytest

from tests.support.commands import printed, printed_json, refusal
from whalecurve.engine import Simulation, find_triggers, score, simulate


@pytest.fixture(scope="module")
def scores(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    simulate(Simulation(customers=1_200, seed=2, ids="string"), folder / "log")
    score(folder / "log" / "orders", out=folder / "scores", measures=False)
    return folder / "scores"


def test_text_says_how_many_and_why_and_names_nobody(scores, tmp_path):
    text = printed("triggers", scores, "--state", tmp_path / "state", "--out", tmp_path / "list")
    lines = text.splitlines()
    assert lines[0].startswith("2025-12-31: ")
    assert lines[0].endswith(" customers to write to")
    assert lines[2].split("  ")[0] == "trigger"
    assert lines[-1] == f"written to {tmp_path / 'list'}: triggers.csv, triggers.parquet, held_back.parquet"
    ids = pl.read_parquet(tmp_path / "list" / "triggers.parquet")["customer_id"]
    assert ids.len() > 3
    assert not any(name in text for name in ids)
    again = printed("triggers", scores, "--state", tmp_path / "state", "--out", tmp_path / "list", "--overwrite")
    assert again.splitlines()[0] == f"{lines[0]}; the list of this day was made before, and this is it"
    assert again.splitlines()[1:] == lines[1:]


def test_the_command_line_adds_nothing_to_the_engine(scores):
    given = [
        "--on",
        "2026-01-03",
        "--triggers",
        "win_back,overdue",
        "--watch",
        "at risk",
        "--most",
        2,
        "--cooling-off",
        0,
    ]
    found = printed_json("triggers", scores, *given)
    settings = {
        "on": "2026-01-03",
        "triggers": ["win_back", "overdue"],
        "watch": ["at risk"],
        "most": 2,
        "cooling_off": 0,
    }
    assert found == find_triggers(scores, settings=settings).to_dict()
    assert list(found["triggers"]) == ["win_back", "overdue"]


def test_refusals_name_options(scores):
    assert refusal("triggers", scores, "--watch", "Stars").startswith(
        '--watch "Stars": no such segment; choose one of '
    )
    assert refusal("triggers", scores, "--on", "June") == '--on "June" is not a day; give one like 2025-06-30'
    assert refusal("triggers", scores, "--triggers", "birthday").startswith('--triggers "birthday": no such trigger; ')
