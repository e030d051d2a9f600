"""The ledger against totals worked out from their definitions."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.ledger import Line, is_in_order, totals_of
from tests.support.ledgers import IDS, added, assert_exact, ledger_of, lines_of, logs, pieces, rows_of, seen, small
from whalecurve.kernels.ledger.layout import CHUNK, EPOCH, LAST_EPOCH, N_CUSTOMERS, N_DISORDERED
from whalecurve.kernels.ledger.updating import ALL, empty_ledger, totals, update

MANY = settings(max_examples=60, deadline=None)
CUTS = st.lists(st.integers(0, 60), max_size=6)


@MANY
@given(logs(), CUTS)
def test_lines_in_the_order_of_their_days_give_exact_totals_whatever_the_batches(lines, cuts):
    assert_exact(ledger_of(lines, *pieces(lines, cuts)), totals_of(lines))


@MANY
@given(logs(is_sorted=False), CUTS)
def test_a_customer_whose_days_go_backwards_is_marked_and_everybody_else_exact(lines, cuts):
    ledger = ledger_of(lines, *pieces(lines, cuts))
    expected = totals_of(lines)
    assert_exact(ledger, expected, may_mark=set(expected))
    marked = {customer for customer, (_, is_marked) in rows_of(ledger).items() if is_marked}
    assert {customer for customer in expected if not is_in_order(lines, customer)} <= marked
    assert ledger.counters[N_DISORDERED] == len(marked)


@MANY
@given(logs(kinds=("few",), is_sorted=False))
def test_customers_one_after_the_other_need_no_common_order_of_days(lines):
    lines = sorted(lines, key=lambda line: (line.customer, line.day))
    assert_exact(ledger_of(lines), totals_of(lines))


@pytest.mark.parametrize("kind", IDS)
def test_thousands_of_lines_in_blocks_are_exact_with_every_array_grown_from_nothing(kind):
    random = Random(1)
    ids = {
        "few": [0, 1, 2],
        "extreme": [-(2**63), 2**63 - 1, 0, -1],
        "many": [random.randrange(-(2**63), 2**63) for _ in range(1500)],
        "text": [random.randbytes(random.randrange(41)) for _ in range(1500)],
    }[kind]
    lines = [
        Line(random.choice(ids), day, random.choice([-3, 0, 1, 10]), random.choice([-1, 2]), random.randrange(300))
        for day in sorted(random.choices(range(10), k=3000))
    ]
    assert_exact(ledger_of(lines, *pieces(lines, [1, 777, 777, 2000])), totals_of(lines))


@MANY
@given(logs(), st.integers(0, ALL))
def test_two_shares_divide_the_customers_among_them(lines, cut):
    is_text = any(isinstance(line.customer, bytes) for line in lines)
    parts = [added(small(has_text=is_text), lines, *share) for share in ((0, cut), (cut, ALL))]
    both = [rows_of(part) for part in parts]
    assert both[0].keys().isdisjoint(both[1])
    assert both[0] | both[1] == rows_of(ledger_of(lines))


@MANY
@given(logs(kinds=("few", "text")))
def test_without_a_column_of_orders_none_are_counted(lines):
    is_text = any(isinstance(line.customer, bytes) for line in lines)
    ledger = empty_ledger(200, text_bytes=10_000 if is_text else 0)
    assert update(ledger, lines_of(lines, has_text=is_text, has_orders=False), 0, 0, ALL) == len(lines)
    assert_exact(ledger, {customer: row._replace(n_orders=0) for customer, row in totals_of(lines).items()})


def test_one_order_on_two_days_is_two_orders():
    lines = [Line(1, 5, 10, order=7), Line(1, 5, 10, order=7), Line(1, 6, 10, order=7)]
    assert rows_of(ledger_of(lines))[1][0].n_orders == 2


@pytest.mark.parametrize(("between", "is_marked"), [([], False), ([Line(2, 4, 1, order=1), Line(3, 5, 1)], True)])
def test_several_orders_of_a_day_are_told_apart_until_other_days_come_between(between, is_marked):
    lines = [Line(1, 5, 1, order=order) for order in (7, 8, 9)]
    more = [Line(1, 5, 1, order=order) for order in (8, 9, 7)]
    row, marked = rows_of(ledger_of([*lines, *between, *more]))[1]
    assert marked == is_marked
    assert marked or row.n_orders == 3


def test_two_orders_are_told_apart_even_then():
    lines = [Line(1, 5, 1, order=7), Line(2, 4, 1), Line(1, 5, 1, order=7), Line(2, 5, 1), Line(1, 5, 1, order=8)]
    row, marked = rows_of(ledger_of(lines))[1]
    assert (row.n_orders, marked) == (2, False)


def test_customers_are_marked_when_days_have_become_too_many_to_be_numbered():
    for epoch, is_marked in ((LAST_EPOCH - 1, False), (LAST_EPOCH, True)):
        ledger = small()
        ledger.counters[EPOCH] = epoch
        ledger = added(ledger, [Line(1, 5, 1, order=order) for order in (7, 8, 9, 7)])
        row, marked = rows_of(ledger)[1]
        assert marked == is_marked
        assert marked or row.n_orders == 3


def test_without_room_the_update_stops_before_a_block_and_says_where():
    lines = lines_of([Line(customer, 0, 1) for customer in range(CHUNK + 5)])
    ledger = empty_ledger(CHUNK)._replace(**seen(2 * CHUNK))
    assert update(ledger, lines, 0, 0, ALL) == CHUNK
    assert ledger.counters[N_CUSTOMERS] == CHUNK


def test_totals_leave_the_state_as_it_is():
    ledger = ledger_of([Line(1, 5, 10), Line(2, 5, -10)])
    before = [array.copy() for array in ledger]
    days, counts, money = totals(ledger.hot, ledger.cold, np.array([1, 0, 1]))
    assert (days.dtype, counts.dtype, money.dtype) == (np.int32, np.int64, np.int64)
    assert days.tolist() == [[-1, -1], [5, 5], [-1, -1]]
    assert all(map(np.array_equal, before, ledger))
