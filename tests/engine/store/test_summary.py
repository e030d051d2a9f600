"""The customer summary against a log worked out by hand."""

from datetime import date

import polars as pl
import pytest

from tests.support.order_free import order_free_summary
from whalecurve import engine
from whalecurve.engine.runtime.memory import memory_budget
from whalecurve.engine.settings import Window
from whalecurve.engine.store.summary import collect_summary

# customer, day, order, amount, margin: a dozen customers' worth of awkward histories.
LOG = [
    ("plain", "2024-01-01", "a1", 10.0, 4.0),
    ("plain", "2024-01-01", "a1", 5.0, 2.0),  # same order: one purchase day
    ("plain", "2024-01-11", "a2", 20.0, 6.0),
    ("plain", "2024-01-21", "a3", 40.0, 10.0),
    ("once", "2024-01-05", "b1", 30.0, 9.0),
    ("free", "2024-01-05", "c1", 0.0, -1.0),  # a free order is an order
    ("free", "2024-01-15", "c2", 8.0, 3.0),
    ("returns only", "2024-01-07", "d0", -12.0, -5.0),
    ("refunded same day", "2024-01-03", "e1", 50.0, 20.0),
    ("refunded same day", "2024-01-03", "e1", -50.0, -20.0),  # refunded in full: no purchase day
    ("refunded same day", "2024-01-13", "e2", 7.0, 1.0),
    ("part refund", "2024-01-02", "f1", 50.0, 20.0),
    ("part refund", "2024-01-02", "f1", -20.0, -8.0),  # still positive: a purchase day
    ("part refund", "2024-01-22", "f2", 10.0, 2.0),
    ("late return", "2024-01-02", "g1", 50.0, 20.0),
    ("late return", "2024-01-09", "g1", -50.0, -22.0),  # counts in the totals, opens no purchase day
    ("loser", "2024-01-02", "h1", 10.0, -3.0),
    ("loser", "2024-01-12", "h2", 10.0, -5.0),
    ("two on a day", "2024-01-06", "i1", 10.0, 1.0),
    ("two on a day", "2024-01-06", "i2", 10.0, 1.0),  # two orders, one purchase day
    ("spans days", "2024-01-06", "j1", 10.0, 1.0),
    ("spans days", "2024-01-08", "j1", 10.0, 1.0),  # an id that comes back on another day is another order
    ("no order id", "2024-01-06", None, 10.0, 1.0),
    ("no order id", "2024-01-06", None, 10.0, 1.0),
    ("no order id", "2024-01-09", "k1", 10.0, 1.0),
    ("return first", "2024-01-01", "l0", -5.0, -2.0),
    ("return first", "2024-01-04", "l1", 25.0, 5.0),
]


@pytest.fixture
def log(tmp_path):
    names = ["customer_id", "order_ts", "order_id", "amount", "margin"]
    frame = pl.DataFrame(LOG, schema=names, orient="row").with_columns(pl.col("order_ts").str.to_date())
    path = tmp_path / "log.parquet"
    frame.write_parquet(path)
    return path


def rows_of(summary):
    return {row["customer_id"]: row for row in summary.collect().iter_rows(named=True)}


@pytest.fixture
def rows(log):
    return rows_of(engine.customer_summary(engine.scan_orders(log), Window(as_of=date(2024, 1, 31))))


@pytest.mark.parametrize(
    ("customer", "n_days", "n_orders", "frequency", "recency", "age", "since"),
    [
        ("plain", 3, 3, 2, 20, 30, 10),
        ("once", 1, 1, 0, 0, 26, 26),
        ("free", 2, 2, 1, 10, 26, 16),
        ("returns only", 0, 0, None, None, None, None),
        ("refunded same day", 1, 2, 0, 0, 18, 18),
        ("part refund", 2, 2, 1, 20, 29, 9),
        ("late return", 1, 1, 0, 0, 29, 29),
        ("two on a day", 1, 2, 0, 0, 25, 25),
        ("spans days", 2, 2, 1, 2, 25, 23),
        ("no order id", 2, 2, 1, 3, 25, 22),
        ("return first", 1, 1, 0, 0, 27, 27),
    ],
)
def test_history(rows, customer, n_days, n_orders, frequency, recency, age, since):
    row = rows[customer]
    assert (row["n_purchase_days"], row["n_orders"]) == (n_days, n_orders)
    assert (row["frequency"], row["recency"], row["T"], row["days_since_last"]) == (frequency, recency, age, since)


@pytest.mark.parametrize(
    ("customer", "revenue", "margin", "monetary_value", "return_rate", "average_order_value"),
    [
        ("plain", 75.0, 22.0, 8.0, 0.0, 25.0),
        ("once", 30.0, 9.0, 0.0, 0.0, 30.0),
        ("free", 8.0, 2.0, 3.0, 0.0, 4.0),
        ("returns only", -12.0, -5.0, None, None, None),
        ("refunded same day", 7.0, 1.0, 0.0, 50.0 / 57.0, 3.5),
        ("part refund", 40.0, 14.0, 2.0, 20.0 / 60.0, 20.0),
        ("late return", 0.0, -2.0, 0.0, 1.0, 0.0),
        ("loser", 20.0, -8.0, -5.0, 0.0, 10.0),
        ("return first", 20.0, 3.0, 0.0, 0.2, 20.0),
    ],
)
def test_money(rows, customer, revenue, margin, monetary_value, return_rate, average_order_value):
    row = rows[customer]
    assert (row["revenue"], row["margin"], row["value"]) == (revenue, margin, margin)
    assert (row["monetary_value"], row["return_rate"]) == (monetary_value, return_rate)
    assert row["average_order_value"] == average_order_value


def test_value_may_be_revenue_instead(log):
    rows = rows_of(engine.customer_summary(engine.scan_orders(log), Window(), "revenue"))
    assert (rows["plain"]["value"], rows["plain"]["monetary_value"]) == (75.0, 30.0)


def test_an_open_window_ends_with_the_last_day_in_the_data(log):
    rows = rows_of(engine.customer_summary(engine.scan_orders(log)))
    assert rows["part refund"]["days_since_last"] == 0
    assert rows["plain"]["T"] == 21


def test_both_ends_of_the_window_are_included(log):
    window = Window(since=date(2024, 1, 11), as_of=date(2024, 1, 21))
    rows = rows_of(engine.customer_summary(engine.scan_orders(log), window))
    assert rows["plain"]["n_purchase_days"] == 2
    assert rows["plain"]["revenue"] == 60.0
    assert "once" not in rows


@pytest.mark.parametrize(("unit", "days"), [("week", 7.0), ("month", 365.25 / 12), ("year", 365.25)])
def test_recency_and_age_are_in_the_unit_of_the_window(log, unit, days):
    rows = rows_of(engine.customer_summary(engine.scan_orders(log), Window(as_of=date(2024, 1, 31), unit=unit)))
    assert rows["plain"]["recency"] == pytest.approx(20 / days, rel=1e-15)
    assert rows["plain"]["T"] == pytest.approx(30 / days, rel=1e-15)
    assert rows["plain"]["days_since_last"] == 10


def test_without_order_ids_the_orders_are_the_purchase_days(log):
    orders = engine.scan_orders(log, engine.Columns(order=""))
    assert rows_of(engine.customer_summary(orders, Window()))["two on a day"]["n_orders"] == 1


def test_a_flagged_return_with_a_positive_amount_is_taken_off(tmp_path):
    frame = pl.DataFrame(
        {"customer_id": [1, 1], "order_ts": [date(2024, 1, 1), date(2024, 1, 5)], "amount": [30.0, 10.0]}
    )
    frame = frame.with_columns(is_back=pl.Series([False, True]))
    frame.write_parquet(tmp_path / "log.parquet")
    orders = engine.scan_orders(tmp_path / "log.parquet", engine.Columns(return_flag="is_back"))
    row = engine.customer_summary(orders, Window()).collect().row(0, named=True)
    assert (row["revenue"], row["n_purchase_days"], row["return_rate"]) == (20.0, 1, pytest.approx(1 / 3))


def test_sums_of_money_are_exact_where_floats_are_not(tmp_path):
    amounts = [0.1] * 10 + [1e9, -1e9 + 0.01]
    frame = pl.DataFrame({"customer_id": [7] * 12, "order_ts": [date(2024, 1, 1)] * 12, "amount": amounts})
    frame.write_parquet(tmp_path / "log.parquet")
    row = engine.customer_summary(engine.scan_orders(tmp_path / "log.parquet")).collect().row(0, named=True)
    assert row["revenue"] == 1.01


@pytest.mark.parametrize("value", ["margin", "revenue"])
@pytest.mark.parametrize("options", [{}, {"unit": "week"}, {"period": "week"}, {"since": date(2024, 1, 4)}])
def test_the_summary_in_memory_has_the_same_rows_sorted_by_customer(log, value, options):
    orders, window = engine.scan_orders(log), Window(as_of=date(2024, 1, 31), **options)
    expected = engine.customer_summary(orders, window, value).collect().sort("customer_id")
    assert collect_summary(orders, window, value).equals(expected)


def test_an_observed_window_in_which_nothing_happened_has_no_customers(log):
    orders, window = engine.scan_orders(log), Window(as_of=date(2023, 1, 31))
    found = collect_summary(orders, window, "margin")
    assert found.is_empty()
    assert found.schema == engine.customer_summary(orders, window).collect_schema()


def test_memory_too_little_for_any_way_is_said_so(log):
    with pytest.raises(engine.InputError, match=r"`memory` 1MB is too little; the least that would do is \d+MB"):
        collect_summary(engine.scan_orders(log), Window(), "margin", memory_budget(10**6))


def test_a_file_that_vanishes_after_the_audit_is_named(log):
    orders, window = engine.scan_orders(log), Window(as_of=date(2024, 1, 31))
    log.unlink()
    with pytest.raises(engine.InputError, match=r"log\.parquet"):
        collect_summary(orders, window, "margin")


def test_the_summary_is_sorted_and_equal_to_that_of_plain_python(log):
    orders, window = engine.scan_orders(log), Window(as_of=date(2024, 1, 31))
    summary = engine.customer_summary(orders, window).collect()
    assert summary["customer_id"].is_sorted()
    assert summary.equals(order_free_summary(orders, window).collect())
    assert summary.equals(engine.customer_summary(orders, window).collect())  # a query can be run again
