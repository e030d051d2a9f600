"""Lines of customers grouped and added up, against the definitions in plain Python."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.totals import Line, by_customer, days_of, totals_of
from tests.support.order_lines import lines_of, logs
from whalecurve.kernels.store import (
    ENTRY_WORDS,
    NO_ENTRIES,
    NO_NUMBERS,
    MoneyTotal,
    Rows,
    combine,
    customer_totals,
    group,
    scan_customers,
)

FAR = 10_000


def has_text(lines):
    return any(isinstance(line.customer, bytes) for line in lines)


def columns_of(lines, **options):
    return lines_of(lines, has_text=has_text(lines), **options)


def found_in(lines, **options):
    """Totals by customer."""
    found = customer_totals(columns_of(lines), **options)
    rows = np.hstack([found.days, found.counts, found.money]).tolist()
    return {lines[at].customer: row for at, row in zip(found.first_line.tolist(), rows, strict=True)}


def as_rows(expected):
    """Totals of the oracle in the order of the kernel's columns."""
    return {
        customer: [
            t.first_day, t.last_day, t.second_day, t.n_purchase_days, t.n_orders, t.n_lines, t.n_return_lines,
            t.sold, t.returned, t.revenue, t.margin, t.first_revenue, t.first_margin, t.early_revenue, t.early_margin,
        ]
        for customer, t in expected.items()
    }  # fmt: skip


@settings(max_examples=300)
@given(logs(is_sorted=False))
def test_lines_in_any_order_add_up_to_what_the_definitions_say(lines):
    found = {customer: row[:15] for customer, row in found_in(lines).items()}
    assert found == as_rows(totals_of(lines))


@given(logs(is_sorted=False), st.integers(0, 3), st.integers(2, 6))
def test_only_days_within_the_bounds_count(lines, since, until):
    within = [line for line in lines if since <= line.day <= until]
    found = {customer: row for customer, row in found_in(lines, since=since, until=until).items() if row[5]}
    assert {customer: row[:15] for customer, row in found.items()} == as_rows(totals_of(within))


@settings(max_examples=60)
@given(logs(is_sorted=False, n_days=400), st.booleans())
def test_what_was_spent_of_late_is_that_of_the_days(lines, uses_margin):
    until = 399
    for customer, row in found_in(lines, until=until, uses_margin=uses_margin).items():
        own = days_of(by_customer(lines)[customer])
        spent = [(until - day, margin if uses_margin else revenue) for day, _, revenue, margin in own]
        assert row[7 + MoneyTotal.YEAR_VALUE] == sum(value for ago, value in spent if ago < 365)


def prepared(lines):
    """Rows of lines, grouped: rows, rows by customer, starts, customers as they were met, first rows."""
    columns = columns_of(lines)
    n = len(lines)
    by, starts, first = np.empty(n, np.int32), np.empty(n + 1, np.int64), np.empty(n, np.int32)
    m = group(columns.key, columns.day, columns.ends, columns.text, by, starts, first)
    is_back = columns.is_return if columns.is_return.size else (columns.amount < 0).astype(np.uint8)
    nulls = columns.order_is_null if columns.order_is_null.size else np.zeros(n, np.uint8)
    rows = Rows(columns.day, columns.amount, columns.margin, columns.order, is_back | nulls << 1, columns.n_lines)
    return rows, by, starts, np.arange(m), first[:m]


@given(logs(is_sorted=False))
def test_days_and_gaps_are_those_of_each_customer(lines):
    rows, by, starts, customers, first = prepared(lines)
    m, n = customers.size, len(lines)
    room = np.empty((m, 3), np.int32), np.empty((m, 4), np.int64), np.empty((m, 9), np.int64)
    gaps, entries = np.zeros(10, np.int64), np.empty((max(n, 1), ENTRY_WORDS), np.int64)
    size = scan_customers(rows, by, starts, customers, 0, FAR, False, *room, gaps, entries)
    own, expected, expected_gaps = by_customer(lines), [], [0] * 10
    for number, at in enumerate(first.tolist()):
        margin, previous = 0, None
        for day, is_bought, revenue, more in days_of(own[lines[at].customer]):
            margin += more
            expected.append([number << 32 | day << 1 | is_bought, revenue, margin])
            if is_bought:
                if previous is not None:
                    expected_gaps[day - previous] += 1
                previous = day
    assert entries[:size].tolist() == expected
    assert gaps.tolist() == expected_gaps


@settings(max_examples=200)
@given(logs(is_sorted=False), st.integers(0, 60))
def test_lines_added_up_before_others_come_leave_the_same_totals(lines, n_before):
    before, after = lines[:n_before], lines[n_before:]
    if not before or not after:
        return
    both = columns_of(lines)
    rows, by, starts, customers, first = prepared(before)
    n = len(before)
    whole = lines_of(lines, has_text=has_text(lines))
    has_margin = whole.margin.size > 0
    rows = rows._replace(margin=np.array([line.margin for line in before]) if has_margin else NO_NUMBERS)
    customer, day, kind, counted = (
        np.empty(n, np.int32),
        np.empty(n, np.int32),
        np.empty(n, np.uint8),
        np.empty(n, np.int32),
    )
    amount, margin, order = np.empty(n, np.int64), np.empty(n if has_margin else 0, np.int64), np.empty(n, np.int64)
    size = combine(rows, by, starts, customers, customer, day, amount, margin, order, kind, counted)
    assert counted[:size].sum() == n
    made = [
        Line(before[first[c]].customer, int(day[i]), int(amount[i]), int(margin[i]) if has_margin else 0,
             None if kind[i] & 2 else int(order[i]), bool(kind[i] & 1))
        for i, c in enumerate(customer[:size].tolist())
    ]  # fmt: skip
    joined = [
        *made,
        *(line._replace(is_return=line.amount < 0 if line.is_return is None else line.is_return) for line in after),
    ]
    columns = columns_of(joined)._replace(n_lines=np.array([*counted[:size], *[1] * len(after)], np.int32))
    found = customer_totals(columns)
    rows_found = {
        joined[at].customer: row
        for at, row in zip(
            found.first_line.tolist(), np.hstack([found.days, found.counts, found.money]).tolist(), strict=True
        )
    }
    assert {customer: row[:15] for customer, row in rows_found.items()} == as_rows(totals_of(lines))
    assert both.day.size == len(lines)


def test_a_refund_of_the_first_order_is_taken_off_it():
    lines = [Line(1, 0, 100), Line(1, 4, -100), Line(1, 31, 50)]
    (row,) = found_in(lines).values()
    first_revenue, early, revenue = row[11], row[13], row[9]
    assert (revenue, first_revenue, early, revenue - first_revenue - early) == (50, 0, 0, 50)


def test_a_return_by_order_id_goes_home_and_one_before_any_purchase_to_none():
    lines = [
        Line(1, 0, -5, 0, 9),
        Line(1, 1, 100, 0, 1),
        Line(1, 3, 70, 0, 2),
        Line(1, 5, -40, 0, 1),
        Line(1, 6, -7, 0, 3),
    ]
    (row,) = found_in(lines).values()
    assert (row[13], row[11]) == (-5, 60)  # before the first; the first less its return
    assert row[9] - row[11] - row[13] == 70 - 7


def test_many_orders_of_one_day_are_counted_once_each():
    rng = np.random.default_rng(3)
    orders = rng.integers(0, 40, 500).tolist()
    lines = [Line(1, 5, 1, 0, order) for order in orders] + [Line(1, 5, 1, 0, None)] * 40
    (row,) = found_in(lines).values()
    assert row[4] == len(set(orders)) + 1


@pytest.mark.parametrize("n", [10, 49, 5_000])
def test_a_customer_whose_many_lines_come_in_any_order(n):
    rng = np.random.default_rng(n)
    lines = [
        Line(7, int(day), int(amount), 0, int(order))
        for day, amount, order in rng.integers(0, 90, (n, 3)) - np.array([0, 3, 0])
    ]
    assert {customer: row[:15] for customer, row in found_in(lines).items()} == as_rows(totals_of(lines))


def test_no_lines_are_no_customers():
    found = customer_totals(columns_of([]))
    assert found.first_line.size == found.days.size == found.counts.size == found.money.size == 0
    assert NO_ENTRIES.shape == (0, ENTRY_WORDS)
