"""`whalecurve clusters` from the shell."""

import json

import pytest

from tests.support.commands import misuse, printed, printed_json, refusal
from whalecurve.engine import Simulation, score, simulate


@pytest.fixture(scope="module")
def scores(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    simulate(Simulation(customers=500, seed=3), folder / "log")
    score(folder / "log" / "orders", out=folder / "scores", measures=False)
    return folder / "scores"


def test_text_has_clusters_stability_and_agreement(scores, tmp_path):
    text = printed("clusters", scores, "--k", "3", "--resamples", 2, "--out", tmp_path / "out")
    assert text.startswith("500 customers in 3 clusters, as of 2025-12-30")
    for words in (
        "\ncluster  customers ",
        "\nclusters  stability ",
        "\nagreement with RFM segments: ",
        "\nby density: ",
    ):
        assert words in text
    assert text.endswith(f"written to {tmp_path / 'out'}\n")
    applied = printed("clusters", scores, "--apply", tmp_path / "out")
    assert applied.startswith(f"500 customers in 3 clusters, as found in {tmp_path / 'out'}")


def test_json_and_files_have_the_same(scores, tmp_path):
    options = ("--columns", "return_rate,clv", "--k", "2-3", "--resamples", 2, "--min-stability", 0.1, "--seed", 4)
    record = printed_json("clusters", scores, *options, "--min-excess", 0.01, "--out", tmp_path / "out")
    assert json.loads((tmp_path / "out" / "clusters.json").read_text()) == record
    settings = {"columns": ["return_rate", "clv"], "k": [2, 3], "min_stability": 0.1, "min_excess": 0.01}
    assert record["settings"] == settings | {"resamples": 2, "seed": 4}
    assert [row["k"] for row in record["stability"]] == [2, 3]


def test_what_will_not_do_is_one_line(scores, tmp_path):
    assert refusal("clusters", scores, "--columns", "rfm_segment").startswith('--columns "rfm_segment" is String')
    assert refusal("clusters", scores, "--k", "1-3").startswith("--k 1-3 is out of range")
    assert refusal("clusters", scores, "--apply", tmp_path / "nowhere")
    assert '"few" is no range; write it as 2-8' in misuse("clusters", scores, "--k", "few")
