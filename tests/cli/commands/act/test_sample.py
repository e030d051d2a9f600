"""`whalecurve sample` from the shell: text, JSON, files, one-line errors, and no id on stdout."""

import polars as pl
import pytest

from tests.support.commands import printed, printed_json, refusal
from whalecurve.engine import Simulation, sample, score, simulate


@pytest.fixture(scope="module")
def scores(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    simulate(Simulation(customers=1_200, seed=2, ids="string"), folder / "log")
    score(folder / "log" / "orders", out=folder / "scores", measures=False)
    return folder / "scores"


def test_text_says_how_many_and_how_exactly_and_names_nobody(scores, tmp_path):
    text = printed("sample", scores, "--per-segment", 10, "--seed", 5, "--out", tmp_path / "survey")
    lines = text.splitlines()
    assert lines[0].startswith("100 customers drawn, 100 in reserve, as of ")
    assert lines[1].startswith("a share of 50% of all is then known to ±")
    assert lines[3].split() == ["segment", "customers", "excluded", "sampled", "reserve", "margin"]
    assert lines[-1] == f"written to {tmp_path / 'survey'}: sample.csv, sample.parquet, strata.parquet"
    ids = pl.read_parquet(tmp_path / "survey" / "sample.parquet")["customer_id"]
    assert not any(name in text for name in ids)
    assert max(map(len, lines[:-1])) <= 80


def test_the_command_line_adds_nothing_to_the_engine(scores):
    found = printed_json("sample", scores, "--total", 90, "--segment", "Champions", "--segment", "At risk", "--seed", 5)
    again = sample(scores, settings={"total": 90, "segments": ["Champions", "At risk"], "seed": 5}).to_dict()
    assert found == again | {"settings": again["settings"] | {"segments": ["Champions", "At risk"]}}


def test_segments_are_named_without_case_and_apostrophes(scores):
    loose = printed_json("sample", scores, "--segment", "champions", "--segment", "cant_lose_them", "--seed", 5)
    exact = printed_json("sample", scores, "--segment", "Champions", "--segment", "Can't lose them", "--seed", 5)
    assert loose == exact


def test_refusals_name_options(scores):
    told = refusal("sample", scores, "--per-segment", 3, "--total", 9)
    assert told.startswith("--per-segment 3 and --total 9 are both given; one draws as many from each segment, ")
    assert refusal("sample", scores, "--segment", "Stars").startswith('--segment "Stars": no such segment of rfm; ')
