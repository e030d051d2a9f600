"""Exports of every tool that is known, 50,000 lines each: init, check and score without an option, and exact totals."""

import json

import pandas as pd
import polars as pl
import pytest

from tests.support.commands import printed_json, run
from tests.support.exports import EXPORTS, shop

N_ORDERS = 20_000


@pytest.fixture(scope="module")
def lines():
    return shop(N_ORDERS)


def expected_totals(true):
    """Revenue by customer, in cents, as pandas has it."""
    frame = pd.DataFrame({"customer": true["customer"].to_list(), "cents": true["cents"].to_list()})
    return frame.groupby("customer")["cents"].sum().to_dict()


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_scored_without_an_option(name, lines, tmp_path, monkeypatch):
    export, true = EXPORTS[name](lines)
    monkeypatch.chdir(tmp_path)
    file = "orders.parquet" if any(dtype.is_nested() for dtype in export.dtypes) else "orders.csv"
    export.write_parquet(file) if file.endswith("parquet") else export.write_csv(file)
    assert export.height > 15_000
    assert printed_json("init", file)["export"] == name
    checked = run("check", file, "--format", "json")
    scored = run("score", file, "--out", "scores", "--no-measures")
    assert (checked.exit_code, scored.exit_code) == (0, 0)
    assert checked.stderr == scored.stderr == "settings from whalecurve.toml\n"
    customers = pl.read_parquet("scores/customers/*.parquet")
    found = dict(customers.select(pl.col("customer_id").cast(pl.String), (pl.col("revenue") * 100).round()).rows())
    expected = expected_totals(true)
    assert found == expected
    told = json.loads(checked.stdout)
    assert told["customers"] == len(expected)
    assert round(told["amount"] * 100) == sum(expected.values())
    rows = json.loads((tmp_path / "scores" / "manifest.json").read_text())["rows"]
    assert rows["read"] == export.height == rows["filtered"] + rows["used"] + sum(rows["refused"].values())
