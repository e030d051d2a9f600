"""`whalecurve subscriptions` from the shell."""

import json

import pytest

from tests.support.commands import printed, printed_json, refusal
from whalecurve.engine import Simulation, simulate


@pytest.fixture(scope="module")
def contracts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop") / "log"
    simulate(Simulation(customers=3_000, seed=3, side_files=("contracts",)), folder)
    return folder / "contracts.parquet"


def test_text_has_groups_the_curve_ends_and_reasons(contracts):
    text = printed("subscriptions", contracts, "--as-of", "2025-12-30")
    assert text.startswith("as of 2025-12-30: 1,768 contracts of 1,768 customers, by the month\n")
    for words in ("\nplan    plus ", "\ncohort  2025 ", "sBG (", "\nrenewal ", "\ninvoluntary ", "payment_failed"):
        assert words in text
    assert "residual value: prices still to come" in text


def test_json_and_files_have_the_same(contracts, tmp_path):
    record = printed_json("subscriptions", contracts, "--cohorts", "none", "--model", "sbg", "--out", tmp_path / "out")
    assert json.loads((tmp_path / "out" / "subscriptions.json").read_text()) == record
    assert {row["by"] for row in record["groups"]} == {"all", "plan"}
    assert record["settings"]["cohorts"] is None


def test_what_will_not_do_is_one_line(contracts):
    assert refusal("subscriptions", contracts, "--discount", 0).startswith("--discount 0")
    assert "euros" in refusal("subscriptions", contracts, "--contract-price", "euros")
