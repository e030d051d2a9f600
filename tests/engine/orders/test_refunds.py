"""Amounts refunded on the order's own line."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from tests.support.logs import log, write
from whalecurve import engine
from whalecurve.engine.orders import checked_lines

DAYS = [date(2024, 1, day) for day in (1, 9, 2, 3, 5, 20)]


def scanned(path, lines, **columns):
    return engine.scan_orders(write(path, lines), engine.Columns(refund="back", **columns))


def test_a_refund_is_taken_off_exactly_whatever_its_sign(tmp_path):
    orders = scanned(
        tmp_path / "a.parquet", log(amount=[0.3, 2.0, 3.0, 4.0, 5.0, 6.0], back=[0.1, -0.5, None, 0, 0, 0])
    )
    lines = checked_lines(orders, engine.Window()).collect()
    assert lines["amount"].to_list() == [200_000, 1_500_000, 3_000_000, 4_000_000, 5_000_000, 6_000_000]
    assert not lines["is_return"].any()


def test_decimals_and_whole_numbers_are_exact(tmp_path):
    decimals = pl.Series([Decimal("1234567890.123457")] * 6, dtype=pl.Decimal(20, 6))
    orders = scanned(tmp_path / "a.parquet", log(amount=decimals, back=[1, 0, 0, 0, 0, 0]))
    amounts = checked_lines(orders, engine.Window()).collect()["amount"]
    assert amounts.to_list()[:2] == [1_234_567_889_123_457, 1_234_567_890_123_457]


def test_a_line_of_which_all_was_given_back_is_no_purchase(tmp_path):
    lines = log(back=[1.0, 0.0, 1.0, 0.0, 9.0, 0.0])
    summary = engine.customer_summary(scanned(tmp_path / "a.parquet", lines)).collect().sort("customer_id")
    assert summary["n_purchase_days"].to_list() == [1, 1, 2]
    assert summary["revenue"].to_list() == [2.0, 2.0, 6.0]


def test_an_order_that_another_line_of_pays_for_stays_a_purchase(tmp_path):
    day = pl.lit(date(2024, 1, 1))
    lines = log(customer_id=pl.lit(1), order_ts=day, back=[15.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    summary = engine.customer_summary(scanned(tmp_path / "a.parquet", lines)).collect()
    assert summary.select("n_purchase_days", "revenue").row(0) == (1, 6.0)


def test_margin_by_cost_loses_the_refund_and_a_margin_of_its_own_does_not(tmp_path):
    lines = log(cost=pl.lit(0.5), profit=pl.lit(0.25), back=[0.5, 0.0, 0.0, 0.0, 0.0, 0.0])
    by_cost = checked_lines(scanned(tmp_path / "a.parquet", lines, cost="cost"), engine.Window()).collect()
    assert by_cost["margin"].to_list()[:2] == [0, 1_500_000]
    own = checked_lines(scanned(tmp_path / "a.parquet", lines, margin="profit"), engine.Window()).collect()
    assert own["margin"].to_list() == [250_000] * 6


@pytest.mark.parametrize(
    ("back", "why"),
    [(float("nan"), "amount_not_finite"), (float("inf"), "amount_not_finite"), (1e13, "amount_out_of_range")],
)
def test_a_refund_that_is_no_sum_of_money_makes_the_line_refused(tmp_path, back, why):
    orders = scanned(tmp_path / "a.parquet", log(back=[back, 0.0, 0.0, 0.0, 0.0, 0.0]))
    assert engine.audit_orders(orders, engine.Window()).refused == {why: 1}
    assert engine.customer_summary(orders).collect()["revenue"].sum() == 20.0


def test_the_column_is_recorded_and_must_be_a_number(tmp_path):
    assert scanned(tmp_path / "a.parquet", log(back=pl.lit(0.0))).definitions["columns"]["refund"] == "back"
    with pytest.raises(engine.InputError, match='`refund` "back" is String, expected a number'):
        scanned(tmp_path / "b.parquet", log(back=pl.lit("x")))


def test_keep_and_where_both_hold_and_what_they_leave_out_is_filtered(tmp_path):
    path = write(tmp_path / "a.parquet", status=["paid", "void", "paid", "paid", None, "paid"])
    orders = engine.scan_orders(path, engine.Columns(keep="status = 'paid'", where="amount > 1"))
    audit = engine.audit_orders(orders, engine.Window())
    assert (audit.n_filtered, audit.n_used, audit.refused) == (3, 3, {})
    assert (orders.definitions["keep"], orders.definitions["where"]) == ("status = 'paid'", "amount > 1")
    alone = engine.scan_orders(path, engine.Columns(keep="status = 'paid'"))
    assert engine.audit_orders(alone, engine.Window()).n_filtered == 2
    assert "keep" not in engine.scan_orders(path).definitions


def test_a_condition_that_is_none_is_named(tmp_path):
    path = write(tmp_path / "a.parquet")
    with pytest.raises(engine.InputError, match='`keep` "amount \\+ 1" gives Float64, not true or false'):
        engine.scan_orders(path, engine.Columns(keep="amount + 1"))
    with pytest.raises(engine.InputError, match='no column "state" in `keep`'):
        engine.scan_orders(path, engine.Columns(keep="state = 'paid'"))
