"""`whalecurve habits` from the shell."""

import json

import polars as pl
import pytest

from tests.support.commands import printed, printed_json, refusal
from whalecurve.engine import Simulation, simulate


@pytest.fixture(scope="module")
def orders(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    return simulate(Simulation(customers=300, seed=3), folder / "log").orders


ASKED = ("--by", "category", "--product", "category", "--discounted", "discount > 0.3")


def test_text_has_what_is_usual_and_what_is_bought_again(orders):
    text = printed("habits", orders, *ASKED)
    assert text.startswith("300 customers with a purchase, as of 2025-12-")
    for words in ("orders by weekday", "orders by hour", "lines at a discount", "that are bought again"):
        assert words in text


def test_json_and_files_have_the_same(orders, tmp_path):
    record = printed_json("habits", orders, *ASKED, "--out", tmp_path / "out")
    assert json.loads((tmp_path / "out" / "habits.json").read_text()) == record
    assert pl.read_parquet(tmp_path / "out" / "habits.parquet").height == 300
    assert {path.name for path in (tmp_path / "out").glob("*.parquet")} == {
        "habits.parquet",
        "products.parquet",
        "replenishment.parquet",
    }


def test_what_will_not_do_is_one_line(orders):
    assert refusal("habits", orders, "--most-variation", 2).startswith("--most-variation 2.0 is out of range")
    assert "expected a condition" in refusal("habits", orders, "--discounted", "discount")
