import json

import polars as pl
import pytest

from tests.support.commands import printed, printed_json, refusal, run

TEXT = "customer_id,order_ts,amount,sku\n007,2024-01-31,12.50,1\n8,2024-02-01,3,2\n"


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "log.csv").write_text(TEXT, encoding="utf-8")


def test_columns_are_printed_with_their_types():
    first, _, *columns = printed("convert", "log.csv", "orders").splitlines()
    assert first.startswith("2 rows in orders: 1 file, ")
    assert first.endswith("0.1 kB before")
    assert columns == [
        "column       type", "-----------  -------", "customer_id  String", "order_ts     Date", "amount       Float64",
        "sku          Int64",
    ]  # fmt: skip
    assert pl.read_parquet("orders/*.parquet").height == 2
    assert printed("check", "orders").startswith("1 file, 2 rows")


def test_json_is_one_object():
    found = printed_json("convert", "log.csv", "orders", "--text", "sku,amount")
    assert (found["rows"], found["files"], found["left_out"]) == (2, 1, 0)
    assert found["columns"] == {"customer_id": "String", "order_ts": "Date", "amount": "String", "sku": "String"}


def test_lines_that_are_left_out_are_told(tmp_path):
    (tmp_path / "log.csv").write_text(TEXT + "9,2024-02-01\n", encoding="utf-8")
    assert refusal("convert", "log.csv", "orders") == (
        "log.csv: row 2 cannot be read (2 cells, expected 4); fix it, or leave out what cannot be read with "
        "--skip-unreadable"
    )
    assert printed("convert", "log.csv", "orders", "--skip-unreadable").endswith(
        "note: lines that cannot be read: 1; they were left out, and are in orders/_unreadable.parquet\n"
    )


def test_ids_that_a_settings_file_names_stay_text(tmp_path):
    (tmp_path / "whalecurve.toml").write_text('customer = "sku"\namount = "amount * 2"\n', encoding="utf-8")
    done = run("convert", "log.csv", "orders", "--format", "json")
    assert json.loads(done.stdout)["columns"]["sku"] == "String"
