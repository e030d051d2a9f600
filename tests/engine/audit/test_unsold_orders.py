from datetime import datetime

import polars as pl
import pytest

from tests.support.logs import log, write, write_all
from whalecurve import engine


def notes(orders, **columns):
    return list(engine.check_orders(orders, engine.Columns(**columns)).notes)


@pytest.mark.parametrize("name", ["status", "Financial Status", "order_state", "OrderStatus"])
def test_states_that_are_no_sales_come_with_their_lines_and_the_condition_that_keeps_the_others(tmp_path, name):
    lines = log().with_columns(pl.Series(name, ["paid", "Cancelled", "paid", None, "TEST", "Cancelled"]))
    (said,) = notes(lines)
    assert said.startswith(f'"{name}" has states that are no sales, with so many lines each: ')
    assert "'Cancelled' (2), 'TEST' (1); leave them out with keep=" in said
    keep = said.partition("keep=")[2]
    condition = keep[1:-1].replace('\\"', '"')
    path = write(tmp_path / "a.parquet", lines)
    assert notes(path, keep=condition) == []
    kept = engine.check_orders(path, engine.Columns(keep=condition)).audit
    assert (kept.n_used, kept.n_filtered, kept.refused) == (3, 3, {})


def test_a_column_that_the_mapping_reads_is_known():
    lines = log(status=["paid", "refunded", "paid", "paid", "paid", "paid"])
    assert notes(lines, where="status <> 'x'") == []
    assert notes(lines, return_flag="status = 'refunded'") == []


def test_flags_and_times_of_orders_that_are_none_are_told():
    (flag,) = notes(log(is_test=[True, False, None, False, True, False]))
    assert flag == '"is_test" is true on 2 lines; if those are no sales, give keep="NOT COALESCE(is_test, FALSE)"'
    (time,) = notes(log().with_columns(pl.Series("Cancelled at", [datetime(2024, 1, 2), *[None] * 5])))
    assert time.startswith('"Cancelled at" has a time on 1 line; if those are no sales, give keep=')
    assert notes(log(is_test=pl.lit(value=False), cancelled_at=pl.lit(None, dtype=pl.Datetime))) == []


def test_words_that_are_no_states_say_nothing():
    assert notes(log(note=pl.lit("cancelled"), state=["TX", "NY", "CA", "TX", "NY", "WA"])) == []
    many = pl.DataFrame({"status": [f"cancelled {i}" for i in range(40)]}).with_columns(
        customer_id=pl.int_range(40), order_ts=pl.lit(datetime(2024, 1, 1)), amount=pl.lit(1.0)
    )
    assert notes(many) == []


def test_a_refund_beside_the_amount_is_told_with_its_sum(tmp_path):
    lines = log().with_columns(pl.Series("Refunded Amount", [1.0, 0.0, -0.5, None, 0.0, 0.0]))
    (said,) = notes(write(tmp_path / "a.parquet", lines))
    assert said.startswith('"Refunded Amount" has 1.50 on 2 lines, which the amount does not take off: give refund=')
    assert notes(lines, refund="Refunded Amount") == []
    assert notes(lines, refund="") == []
    assert notes(lines, amount='amount - "Refunded Amount"') == []
    assert notes(lines.with_columns(pl.lit(0.0).alias("Refunded Amount"))) == []


@pytest.mark.parametrize("name", ["refund_id", "refund_count", "refunded_at", "n_refunds", "refund_rate"])
def test_numbers_about_refunds_that_are_no_money_say_nothing(name):
    assert notes(log().with_columns(pl.lit(7.0).alias(name))) == []


def test_what_only_some_files_have_is_looked_at_there(tmp_path):
    folder = write_all(tmp_path, log(), log(status=["paid", "void", "paid", "paid", "paid", "paid"]))
    assert any("'void' (1)" in said for said in notes(folder))
