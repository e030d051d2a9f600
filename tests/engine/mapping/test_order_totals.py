from datetime import date

import polars as pl
import pytest

from tests.support.logs import log, write, write_all
from whalecurve import engine
from whalecurve.engine import customer_shares as shares
from whalecurve.engine.audit import refused_rows
from whalecurve.engine.orders import checked_lines

ORDERS = pl.DataFrame(
    {
        "order_id": ["a", "a", "a", "b", "c", "c", None, None],
        "customer_id": ["x", "x", "x", "y", "x", "x", "z", "z"],
        "order_ts": [date(2024, 1, day) for day in (1, 1, 1, 2, 9, 9, 3, 3)],
        "amount": [30.1, 30.1, 30.1, 7.0, 12.0, 12.0, 5.0, 5.0],
        "product": ["cup", "pot", "tea", "cup", "pot", "pot", "tea", "tea"],
    }
)


def scanned(orders, dimensions=(), **columns):
    return engine.scan_orders(orders, engine.Columns(order_total=True, **columns), dimensions)


def by_customer(orders, **columns):
    summary = engine.customer_summary(scanned(orders, **columns)).collect().sort("customer_id")
    return summary.select("customer_id", "n_purchase_days", "n_orders", "revenue").rows()


def test_the_total_of_an_order_counts_once_and_lines_without_an_order_each(tmp_path):
    path = write(tmp_path / "a.parquet", ORDERS)
    assert by_customer(path) == [("x", 2, 2, 42.1), ("y", 1, 1, 7.0), ("z", 1, 1, 10.0)]
    audit = engine.audit_orders(scanned(path), engine.Window())
    assert (audit.n_read, audit.n_used, audit.n_filtered, audit.refused) == (8, 8, 0, {})
    assert audit.turnover == 59.1


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("lines_per_pass", [2, 10_000_000])
def test_neither_the_order_of_rows_nor_files_change_a_sum_by_any_column(tmp_path, monkeypatch, seed, lines_per_pass):
    monkeypatch.setattr(shares, "LINES_PER_PASS", lines_per_pass)
    mixed = ORDERS.sample(fraction=1.0, shuffle=True, seed=seed)
    folder = write_all(tmp_path, mixed.head(3), mixed.slice(3, 1), mixed.slice(4))
    lines = checked_lines(scanned(folder, ["product"]), engine.Window()).group_by("dim:product").agg(pl.sum("amount"))
    assert dict(lines.collect().rows()) == {"cup": 37_100_000, "pot": 12_000_000, "tea": 10_000_000}
    assert by_customer(folder) == [("x", 2, 2, 42.1), ("y", 1, 1, 7.0), ("z", 1, 1, 10.0)]


def test_a_condition_comes_first(tmp_path):
    path = write(tmp_path / "a.parquet", ORDERS)
    assert by_customer(path, where="product <> 'cup'") == [("x", 2, 2, 42.1), ("z", 1, 1, 10.0)]


def test_lines_of_an_order_with_several_amounts_are_refused_and_counted(tmp_path):
    lines = ORDERS.with_columns(amount=pl.Series([30.0, 30.0, 29.0, 7.0, None, 12.0, 5.0, 5.0]))
    orders = scanned(write(tmp_path / "a.parquet", lines))
    audit = engine.audit_orders(orders, engine.Window())
    assert (audit.n_used, audit.refused) == (5, {"unclear_order_total": 3})
    assert refused_rows(orders, audit)["row"].to_list() == [0, 1, 2]
    assert by_customer(tmp_path / "a.parquet") == [("x", 1, 1, 12.0), ("y", 1, 1, 7.0), ("z", 1, 1, 10.0)]


def test_an_order_without_any_amount_is_refused_as_such(tmp_path):
    lines = ORDERS.with_columns(amount=pl.Series([30.0, 30.0, None, 7.0, None, None, 5.0, 5.0]))
    audit = engine.audit_orders(scanned(write(tmp_path / "a.parquet", lines)), engine.Window())
    assert (audit.n_used, audit.refused) == (6, {"null_amount": 2})


def test_returns_of_an_order_are_apart_and_stay_returns(tmp_path):
    lines = log(order_id=["a", "a", "a", "a", "b", "b"], customer_id=pl.lit(1), amount=[9.0, 9.0, -4.0, -4.0, 5.0, 5.0])
    orders = scanned(write(tmp_path / "a.parquet", lines))
    audit = engine.audit_orders(orders, engine.Window())
    assert (audit.n_return_lines, audit.refused) == (2, {})
    assert engine.customer_summary(orders).collect()["revenue"].to_list() == [10.0]


def test_the_line_with_a_customer_keeps_the_amount_and_a_refund_counts_once_an_order(tmp_path):
    lines = log(
        order_id=["a", "a", "a", "b", "b", "b"], customer_id=[" ", "x", None, "y", "y", "y"],
        amount=pl.lit(10.0), back=[0.0, 0.0, 0.0, 0.0, 4.0, None],
    )  # fmt: skip
    found = by_customer(write(tmp_path / "a.parquet", lines), refund="back")
    assert [(customer, revenue) for customer, _, _, revenue in found] == [("x", 10.0), ("y", 6.0)]


@pytest.mark.parametrize("dtype", [pl.String, pl.Binary])
def test_a_line_whose_id_is_blank_does_not_take_the_amount_from_a_line_with_a_customer(tmp_path, dtype):
    lines = log(order_id=pl.lit("a"), customer_id=["\u3000 ", "x", "", " ", "\t", "\n"], amount=pl.lit(10.0))
    orders = scanned(write(tmp_path / "a.parquet", lines.with_columns(pl.col("customer_id").cast(dtype))))
    summary = engine.customer_summary(orders).collect()
    assert summary.select(pl.col("customer_id").cast(pl.String), "revenue").rows() == [("x", 10.0)]


def test_margin_is_that_of_the_line_and_cost_is_taken_off_the_amount_once(tmp_path):
    path = write(tmp_path / "a.parquet", ORDERS.with_columns(cost=pl.lit(1.0)))
    summary = engine.customer_summary(scanned(path)).collect().sort("customer_id")
    assert summary["margin"].to_list() == [42.1 - 5.0, 6.0, 8.0]


def test_it_is_recorded_and_needs_an_order_id(tmp_path):
    path = write(tmp_path / "a.parquet", ORDERS)
    assert scanned(path).definitions["order_total"] is True
    assert "order_total" not in engine.scan_orders(path).definitions
    with pytest.raises(engine.InputError, match="order_total=True needs to know which lines are one order"):
        scanned(path, order="")


KINDS = [pl.Categorical(), pl.Enum(["cup", "pot", "tea"]), pl.Binary(), pl.Decimal(10, 2), pl.Boolean(), pl.Null()]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_lines_are_told_apart_by_columns_of_any_type(tmp_path, kind):
    kinds = {pl.Decimal(10, 2): pl.lit(1.5), pl.Boolean(): pl.lit(value=True), pl.Null(): pl.lit(None)}
    lines = ORDERS.with_columns(extra=kinds.get(kind, pl.col("product")).cast(kind))
    path = write(tmp_path / "a.parquet", lines)
    found = checked_lines(scanned(path, ["extra"]), engine.Window()).select(pl.col("amount").sum()).collect()
    assert found.item() == 59_100_000


def test_a_state_refuses_totals_of_orders(tmp_path):
    path = write(tmp_path / "a.parquet", ORDERS)
    columns = engine.Columns(order_total=True)
    with pytest.raises(engine.InputError, match="all lines of an order must be read at once"):
        engine.score(path, out=tmp_path / "scores", columns=columns, state=tmp_path / "state")
