import json
from datetime import date

import polars as pl
import pytest

from tests.support.logs import log, write, write_all
from whalecurve import engine
from whalecurve.engine.audit import copies


def test_a_check_says_what_is_in_a_log(tmp_path):
    folder = write_all(tmp_path, log(margin=pl.lit(0.25)), log(margin=pl.lit(-1.0), amount=pl.col("amount") * -1))
    check = engine.check_orders(folder)
    assert (check.n_files, check.n_customers) == (2, 3)
    assert check.n_bytes == sum(file.stat().st_size for file in folder.iterdir())
    assert (check.amount, check.margin) == (0.0, 1.5 - 6.0)
    assert check.audit.n_return_lines == 6
    assert check.roles == {
        "customer": ("customer_id", "Int64"),
        "time": ("order_ts", "Date"),
        "amount": ("amount", "Float64"),
        "margin": ("margin", "Float64"),
    }


def test_the_notes_that_are_counted_are_all_that_are_told_and_content_is_compared_once(tmp_path, monkeypatch):
    write_all(tmp_path, log(), log(), log(customer_id=[1, 1, 2, None, 3, 3]))
    hashed = []
    monkeypatch.setattr(copies, "_digest", lambda file: hashed.append(file.path) or file.n_bytes)
    check = engine.check_orders(tmp_path)
    assert len(hashed) == 2
    assert [len(paths) for paths in check.copies] == [2]
    assert len(check.audit.warnings) == 2
    assert check.to_dict()["warnings"] == [*check.audit.warnings, *check.notes]
    assert check.facts()["notes"] == len(check.warnings) == 2 + len(check.notes)


def test_columns_are_those_of_all_files_with_all_their_types(tmp_path):
    folder = write_all(tmp_path, log(), log(extra=pl.lit(1)), log(extra=pl.lit("x")))
    assert engine.check_orders(folder).columns == {
        "customer_id": "Int64",
        "order_ts": "Date",
        "amount": "Float64",
        "extra": "Int32 or String",
    }


def test_only_usable_lines_of_the_window_are_counted(tmp_path):
    path = write(tmp_path / "a.parquet", customer_id=[1, 1, 2, None, 3, 3])
    check = engine.check_orders(path, window=engine.Window(as_of=date(2024, 1, 5)))
    assert (check.n_customers, check.amount, check.margin) == (3, 1.0 + 3.0 + 5.0, None)


def test_reasons_are_listed_however_many_lines_are_refused(tmp_path):
    path = write(tmp_path / "a.parquet", amount=[1.0, *[float("nan")] * 5])
    rows = engine.check_orders(path).to_dict()["rows"]
    assert rows == {"read": 6, "filtered": 0, "used": 1, "refused": {"amount_not_finite": 5}}


def test_a_check_is_plain_data(tmp_path):
    check = engine.check_orders(write(tmp_path / "a.parquet")).to_dict()
    assert json.loads(json.dumps(check, allow_nan=False)) == check
    assert (check["first_day"], check["last_day"], check["as_of"]) == ("2024-01-01", "2024-01-20", "2024-01-20")


def test_the_size_behind_a_url_is_not_guessed(tmp_path):
    path = write(tmp_path / "a.parquet")
    check = engine.check_orders(f"file://{path}", engine.Columns(where="amount > 3"))
    assert check.n_bytes is None
    assert (check.audit.n_read, check.audit.n_used) == (6, 3)


def test_sums_are_exact_where_floats_are_not(tmp_path):
    path = write(tmp_path / "a.parquet", amount=[1e12, 0.1, 0.2, -1e12, 0.3, 0.4])
    assert engine.check_orders(path).amount == pytest.approx(1.0, abs=0.0)
