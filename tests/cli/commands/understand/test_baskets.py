"""`whalecurve baskets` from the shell."""

import json

import polars as pl
import pytest

from tests.support.commands import printed, printed_json, refusal
from whalecurve.engine import Simulation, score, simulate

ASKED = ("--by", "product", "--category", "category", "--min-customers", "10")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    simulate(Simulation(customers=500, seed=3), folder / "log")
    score(folder / "log" / "orders", out=folder / "scores", measures=False)
    return folder


def test_text_has_every_kind_of_pair_segments_and_the_trial(shop):
    text = printed("baskets", shop / "log" / "orders", *ASKED, "--scores", shop / "scores", "--top", 1)
    assert " of 500 customers, as of " in text.splitlines()[0]
    for words in ("categories in a basket: ", "products one after the other: ", "products by the same customer: "):
        assert words in text
    for words in ("what segments buy: ", "tried on the last 90 days", "\nnext category ", "\nnote: dearer product: "):
        assert words in text


def test_json_and_files_have_the_same(shop, tmp_path):
    record = printed_json("baskets", shop / "log" / "orders", *ASKED, "--out", tmp_path / "out")
    assert json.loads((tmp_path / "out" / "baskets.json").read_text()) == record
    assert record["assortment"] is None
    table = pl.read_parquet(tmp_path / "out" / "recommendations.parquet")
    assert table.height == record["customers"] == 500
    assert not (tmp_path / "out" / "assortment.parquet").exists()


def test_what_will_not_do_is_one_line(shop, tmp_path):
    orders = shop / "log" / "orders"
    assert refusal("baskets", orders, *ASKED, "--holdout", "0d").startswith("--holdout 0 is out of range")
    assert "colour" in refusal("baskets", orders, "--by", "colour")
    lines = pl.read_parquet(orders).head(100)
    lines.write_parquet(tmp_path / "other.parquet")
    assert "which are not" in refusal("baskets", tmp_path / "other.parquet", *ASKED, "--scores", shop / "scores")
