"""The orders of a result, read again as they were read."""

from datetime import date

import polars as pl
import pytest

from whalecurve.engine import score
from whalecurve.engine.orders import scan_orders, scored_columns, scored_files
from whalecurve.engine.publication import open_result


@pytest.mark.parametrize("attributes", ["crm/one.csv", "crm", "crm/*.csv", "**/one.csv"])
def test_attributes_that_select_lines_are_found_again_however_they_were_named(attributes, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "crm").mkdir()
    pl.DataFrame({"customer_id": [1, 2], "region": ["north", "south"]}).write_csv("crm/one.csv")
    orders = pl.DataFrame(
        {"customer_id": [1, 1, 2], "order_ts": [date(2024, 1, 1 + i) for i in range(3)], "amount": 1.0}
    )
    orders.write_parquet("orders.parquet")
    columns = {"attributes": attributes, "where": "region = 'north'"}
    score("orders.parquet", out="scores", columns=columns, measures=False)
    result = open_result("scores")
    again = scan_orders(scored_files(result), scored_columns(result))
    assert again.lines.collect()["customer_id"].to_list() == [1, 1]
