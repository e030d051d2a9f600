import json
from pathlib import Path

import polars as pl
import pytest

from tests.support.commands import misuse, printed, printed_json, refusal

SMALL = ["simulate", "--customers", "40", "--days", "90"]


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_log_is_written_with_what_is_true_of_it():
    said = printed(*SMALL, "--out", "shop")
    lines = pl.read_parquet("shop/orders")
    assert said.startswith(f"{lines.height:,} order lines of 40 customers, 2024-01-01 to ")
    assert said.endswith("in shop/orders (" + said.rpartition("(")[2])
    assert json.loads(Path("shop/truth.json").read_text())["counts"]["lines"] == lines.height
    assert printed("check", "shop/orders").startswith(f"1 file, {lines.height:,} rows")


def test_json_is_one_object():
    found = printed_json(*SMALL, "--out", "shop", "--ids", "string", "--start", "2023-05-01", "--model", "pnbd")
    assert (found["orders"], found["truth"], found["customers"]) == ("shop/orders", "shop/truth.json", 40)
    assert found["first_day"] >= "2023-05-01"
    assert found["bytes"] == sum(path.stat().st_size for path in Path("shop/orders").iterdir())


def test_the_same_seed_gives_the_same_log_and_another_one_another():
    for out, seed in (("a", 5), ("b", 5), ("c", 6)):
        printed(*SMALL, "--out", out, "--seed", seed)
    one, same, other = (pl.read_parquet(f"{out}/orders") for out in ("a", "b", "c"))
    assert one.equals(same)
    assert not one.equals(other)


def test_files_are_cut_where_asked():
    printed(*SMALL, "--out", "shop", "--rows-per-file", "50")
    heights = [pl.read_parquet(path).height for path in sorted(Path("shop/orders").iterdir())]
    assert heights[:-1] == [50] * (len(heights) - 1)


def test_a_directory_with_content_is_left_alone():
    printed(*SMALL, "--out", "shop")
    before = {path: path.stat().st_mtime_ns for path in Path("shop").rglob("*")}
    assert refusal(*SMALL, "--out", "shop") == "shop: the directory is not empty; choose another, or remove it"
    assert {path: path.stat().st_mtime_ns for path in Path("shop").rglob("*")} == before


def test_bad_settings_are_one_line_or_wrong_usage():
    assert "choose one" in refusal("simulate", "--out", "shop", "--customers", "5", "--orders", "50")
    assert "pass the year 9999" in refusal("simulate", "--out", "shop", "--start", "9999-01-01", "--customers", "5")
    assert "Invalid value for '--days'" in misuse("simulate", "--out", "shop", "--days", "1")
    assert "Invalid value for '--model'" in misuse("simulate", "--out", "shop", "--model", "random")
    assert not Path("shop").exists()


def test_an_effect_is_planted_on_the_customers_of_a_file():
    pl.DataFrame({"customer_id": [1, 2, 3], "arm": ["offer", "control", "offer"]}).write_csv("arms.csv")
    treat = ["--treat", "arms.csv", "--treat-arm", "offer", "--treat-from", "2024-02-01", "--treat-spend", "1.2"]
    printed(*SMALL, "--out", "shop", *treat)
    truth = json.loads(Path("shop/truth.json").read_text())["treatment"]
    assert (truth["customers"], truth["spend"], truth["last_day"]) == (2, 1.2, "2024-02-28")


def test_an_effect_without_a_first_day_is_refused():
    pl.DataFrame({"customer_id": [1]}).write_csv("arms.csv")
    assert "--treat arms.csv needs a first day; name it with --treat-from" in refusal(
        *SMALL, "--out", "shop", "--treat", "arms.csv"
    )


def test_files_beside_the_orders_are_written_where_asked():
    said = printed(*SMALL, "--out", "shop", "--with", "attributes")
    assert said.rstrip().endswith("shop/truth.json; beside them: shop/attributes.parquet")
    assert pl.read_parquet("shop/attributes.parquet").columns[:2] == ["customer_id", "age"]
    assert printed_json(*SMALL, "--out", "other", "--with", "attributes")["with"] == ["other/attributes.parquet"]
    wrong = refusal(*SMALL, "--out", "third", "--with", "moods")
    assert wrong == '--with "moods" is unknown; choose one of attributes, contracts, events, habits, surveys, tickets'


def test_customers_who_buy_in_a_rhythm_are_drawn_with_as_many_stages_as_asked():
    printed(*SMALL, "--out", "clock", "--model", "mbgcnbd", "--regularity", "5")
    truth = json.loads(Path("clock/truth.json").read_text(encoding="utf-8"))
    assert truth["transactions"]["params"] == {"k": 5, "r": 1.0, "alpha": 8.0, "a": 0.8, "b": 6.0}
    assert truth["settings"]["regularity"] == 5
    wrong = refusal(*SMALL, "--out", "other", "--regularity", "2")
    assert wrong == "--regularity 2 is of --model bgcnbd or mbgcnbd; choose one"
