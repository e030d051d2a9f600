"""The one-pass plan against the order-free plan: the same rows and the same audit, always."""

from datetime import date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.logs import log, write, write_all
from tests.support.random_logs import logs
from whalecurve import engine
from whalecurve.engine.ledger import one_pass
from whalecurve.engine.ledger.one_pass import read_totals
from whalecurve.engine.ledger.order_free import customer_totals
from whalecurve.engine.ledger.summary import collect_summary, order_free_summary
from whalecurve.engine.orders.audit import audit_orders
from whalecurve.engine.orders.log import value_column
from whalecurve.engine.runtime.memory import Budget

PLENTY = Budget(total=10**12, base=0)
OPEN = engine.Window()


def outcome(work):
    """A result, or what is said instead."""
    try:
        return work()
    except engine.InputError as error:
        return str(error)


def assert_same(found, expected):
    assert found.schema == expected.schema
    assert found.equals(expected)


def assert_exact(totals):
    expected = customer_totals(totals.orders, totals.audit.window).collect().sort("customer_id")
    assert_same(pl.concat(totals.tables()), expected)


@settings(max_examples=30, deadline=None)
@given(logs())
def test_the_summary_of_any_log_is_the_order_free_one_bit_for_bit(tmp_path_factory, drawn):
    orders = drawn.scan(tmp_path_factory.mktemp("log"))
    if isinstance(outcome(lambda: audit_orders(orders, drawn.window)), str):
        return  # compared below
    expected = order_free_summary(orders, drawn.window).collect().sort("customer_id")
    assert_same(collect_summary(orders, drawn.window, value_column(orders, None)), expected)


@settings(max_examples=30, deadline=None)
@given(logs(), st.integers(1, 4))
def test_the_audit_of_any_log_is_that_of_the_order_free_plan(tmp_path_factory, drawn, jobs):
    orders = drawn.scan(tmp_path_factory.mktemp("log"))
    expected = outcome(lambda: audit_orders(orders, drawn.window))
    assert outcome(lambda: read_totals(orders, drawn.window, PLENTY, jobs=jobs).audit) == expected


def daily(customer, days, **columns):
    """Lines of one customer, a day each in the year 2024."""
    lines = pl.DataFrame({"order_ts": [date(2024, 1, 1) + timedelta(days=day) for day in days]})
    return lines.with_columns(customer_id=pl.lit(customer), amount=pl.lit(1.0), **columns)


def test_every_log_in_time_order_is_read_once(tmp_path):
    files = [pl.concat([daily(1, [day]), daily(2, [day, day])]) for day in (1, 2, 2, 3)]  # the second day in two files
    totals = read_totals(engine.scan_orders(write_all(tmp_path, *files)), OPEN, PLENTY)
    assert (totals.n_passes, totals.n_disordered, totals.n_customers) == (1, 0, 2)
    assert_exact(totals)


@pytest.mark.parametrize("customer", [1, "one"])
@pytest.mark.parametrize("days", [(1, 3), (3, 1)])
def test_a_negative_line_that_the_flag_does_not_mark_is_no_purchase_in_either_plan(tmp_path, customer, days):
    lines = daily(customer, days).with_columns(type=pl.Series(["S", "CB"]), amount=pl.Series([100.0, -50.0]))
    orders = engine.scan_orders(write(tmp_path / "a.parquet", lines), engine.Columns(return_flag="type = 'R'"))
    totals = read_totals(orders, OPEN, PLENTY)
    assert_exact(totals)
    row = pl.concat(totals.tables()).row(0, named=True)
    assert (row["n_purchase_days"], row["n_return_lines"], row["sold"], row["returned"]) == (1, 1, 10**8, 5 * 10**7)


def test_files_whose_names_are_not_in_time_order_are_read_once_too(tmp_path):
    files = [daily(1, days) for days in ([200, 201], [3, 5], [100])]
    totals = read_totals(engine.scan_orders(write_all(tmp_path, *files)), OPEN, PLENTY)
    assert (totals.n_passes, totals.n_disordered) == (1, 0)
    assert_exact(totals)


def test_customers_out_of_order_alone_are_computed_anew(tmp_path):
    lines = pl.concat([daily(1, [1, 2, 3]), daily(2, [7, 5, 6]), daily(3, [4])])
    totals = read_totals(engine.scan_orders(write(tmp_path / "a.parquet", lines)), OPEN, PLENTY)
    assert (totals.n_passes, totals.n_disordered, totals.n_customers) == (2, 1, 3)
    assert_exact(totals)


def test_a_log_quite_out_of_order_goes_the_order_free_way(tmp_path, monkeypatch):
    monkeypatch.setattr(one_pass, "LINES_TO_JUDGE", 5)
    lines = pl.concat([daily(1, [9, 2, 3]), daily(2, [7, 5, 6]), daily(3, [4])])
    totals = read_totals(engine.scan_orders(write(tmp_path / "a.parquet", lines)), OPEN, PLENTY)
    assert (totals.n_disordered, totals.n_customers) == (3, 3)
    assert_exact(totals)


@pytest.mark.parametrize("jobs", [1, 2, 7])
def test_one_customer_and_several_threads_are_one_row(tmp_path, jobs):
    for customer in (1, "one"):
        orders = engine.scan_orders(write(tmp_path / f"{customer}.parquet", daily(customer, [1, 2])))
        totals = read_totals(orders, OPEN, PLENTY, jobs=jobs)
        assert totals.n_customers == 1
        assert_exact(totals)


def test_the_audit_is_given_to_the_caller_as_soon_as_it_is_known_to_stop_there(tmp_path):
    def refuse(audit):
        raise engine.InputError(f"{audit.n_used} lines are too many")

    for column in ([1, 1, 2, 3, 3, 3], pl.Series([1, 1, 2, 3, 3, 3], dtype=pl.Int128)):
        orders = engine.scan_orders(write(tmp_path / "a.parquet", customer_id=column))
        with pytest.raises(engine.InputError, match="6 lines are too many"):
            read_totals(orders, OPEN, PLENTY, accept=refuse)


def test_order_ids_that_differ_beyond_64_bits_are_different_orders(tmp_path):
    ids = pl.Series([1, 1 + 2**64, 1 + 2**65, 5, 5, 6], dtype=pl.Int128)
    lines = log(order_id=ids, order_ts=[date(2024, 1, 1)] * 6, customer_id=[1, 1, 1, 2, 2, 2])
    totals = read_totals(engine.scan_orders(write(tmp_path / "a.parquet", lines)), OPEN, PLENTY)
    assert pl.concat(totals.tables())["n_orders"].to_list() == [3, 2]


def test_margins_that_wrap_around_in_64_bits_are_out_of_range(tmp_path):
    path = write(tmp_path / "a.parquet", amount=[9.1e12, 1.0, 1.0, 4.0, 5e12, 6.0], cost=[-9.1e12, 0, 0, 0, -4e12, 0])
    totals = read_totals(engine.scan_orders(path), OPEN, PLENTY)
    assert totals.audit.refused == {"margin_out_of_range": 1}
    assert_exact(totals)


@pytest.mark.parametrize("guess", [datetime(2024, 1, 1, 23, 30), datetime(2024, 1, 2, 0, 30)])
def test_days_begin_where_the_zone_of_the_window_says(tmp_path, guess):
    times = pl.Series([guess] * 6).dt.replace_time_zone("Europe/London")
    orders = engine.scan_orders(write(tmp_path / "a.parquet", order_ts=times))
    totals = read_totals(orders, engine.Window(timezone="America/New_York"), PLENTY)
    assert totals.audit.last_day == date(2024, 1, 1)
    assert_exact(totals)
