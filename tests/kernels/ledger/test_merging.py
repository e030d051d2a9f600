"""Ledgers of stretches of time, joined: one pass over everything, or a mark."""

from itertools import pairwise, product

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.ledger import Line, totals_of
from tests.support.ledgers import added, assert_exact, ledger_of, logs, merged, pieces, rows_of, small
from whalecurve.kernels.ledger.layout import N_DISORDERED
from whalecurve.kernels.ledger.updating import empty_ledger, merge

MANY = settings(max_examples=60, deadline=None)
CUTS = st.lists(st.integers(0, 60), min_size=1, max_size=19)


def ledgers_of(lines, parts):
    is_text = any(isinstance(line.customer, bytes) for line in lines)
    return [added(small(has_text=is_text), part) for part in parts]


def one_by_one(ledgers):
    first, *later = ledgers
    for ledger in later:
        first = merged(first, ledger)
    return first


def in_pairs(ledgers):
    while len(ledgers) > 1:
        ledgers = [one_by_one(ledgers[i : i + 2]) for i in range(0, len(ledgers), 2)]
    return ledgers[0]


def at_ends_of_days(lines):
    return [i for i, (a, b) in enumerate(pairwise(lines), start=1) if a.day != b.day]


def seen_on_a_shared_day(lines, cuts):
    """Customers with a line on a day that a later part begins with."""
    parts = [part for part in pieces(lines, cuts) if part]
    starts = [part[0].day for part in parts]
    return {line.customer for i, part in enumerate(parts) for line in part if line.day in starts[i + 1 :]}


@MANY
@given(logs(), CUTS, st.sampled_from([one_by_one, in_pairs]))
def test_lines_split_anywhere_in_time_and_merged_are_as_from_one_pass_or_marked(lines, cuts, joined):
    ledger = joined(ledgers_of(lines, pieces(lines, cuts)))
    assert_exact(ledger, totals_of(lines), may_mark=seen_on_a_shared_day(lines, cuts))
    marks = [is_marked for _, is_marked in rows_of(ledger).values()]
    assert ledger.counters[N_DISORDERED] == sum(marks)


@MANY
@given(logs(n_days=20), st.data(), st.sampled_from([one_by_one, in_pairs]))
def test_split_between_days_nobody_is_marked(lines, data, joined):
    ends = at_ends_of_days(lines)
    cuts = data.draw(st.lists(st.sampled_from(ends), max_size=19)) if ends else []
    assert_exact(joined(ledgers_of(lines, pieces(lines, cuts))), totals_of(lines))


@MANY
@given(logs(is_sorted=False), CUTS, st.sampled_from([one_by_one, in_pairs]), st.booleans())
def test_in_whatever_order_lines_and_ledgers_come_an_unmarked_customer_is_exact(lines, cuts, joined, in_time):
    parts = pieces(lines, cuts)
    parts = [sorted(part, key=lambda line: line.day) for part in parts] if in_time else parts
    expected = totals_of(lines)
    ledger = joined(ledgers_of(lines, parts))
    assert_exact(ledger, expected, may_mark=set(expected))
    marks = [is_marked for _, is_marked in rows_of(ledger).values()]
    assert ledger.counters[N_DISORDERED] == sum(marks)


@MANY
@given(logs(), CUTS)
def test_a_merged_ledger_takes_further_lines(lines, cuts):
    *parts, last = pieces(lines, cuts)
    ledger = added(one_by_one(ledgers_of(lines, parts)), last)
    assert_exact(ledger, totals_of(lines), may_mark=seen_on_a_shared_day(lines, cuts))


@MANY
@given(logs())
def test_a_ledger_merged_into_an_empty_one_is_the_same(lines):
    ledger = ledger_of(lines)
    is_text = ledger.text.size > 0
    assert rows_of(merged(small(has_text=is_text), ledger)) == rows_of(ledger)
    assert rows_of(merged(ledger, small(has_text=is_text))) == rows_of(ledger)


def test_the_later_ledger_stays_as_it_is():
    later = ledger_of([Line(1, 5, 10, order=1), Line(2, 6, 10)])
    before = [array.copy() for array in later]
    merged(ledger_of([Line(1, 5, 10, order=2)]), later)
    assert all((one == other).all() for one, other in zip(before, later, strict=True))


def test_an_order_of_the_day_that_both_ledgers_share_counts_once():
    for order, n_orders in ((7, 1), (8, 2), (None, 2)):
        ledger = merged(ledger_of([Line(1, 5, 10, order=7)]), ledger_of([Line(1, 5, 1, order=order)]))
        row, is_marked = rows_of(ledger)[1]
        assert (row.n_orders, is_marked) == (n_orders, False)


def test_orders_of_a_shared_day_are_counted_exactly_unless_several_in_one_part_could_be_the_others():
    some = [orders for n in (1, 2) for orders in product((7, 8, None), repeat=n)]
    for earlier, later in product(some, some):
        parts = [[Line(1, 5, 1, order=order) for order in orders] for orders in (earlier, later)]
        row, is_marked = rows_of(one_by_one(ledgers_of(parts[0], parts)))[1]
        named = [set(orders) - {None} for orders in (earlier, later)]
        assert is_marked == (all(named) and max(map(len, named)) > 1)
        assert is_marked or row == totals_of([*parts[0], *parts[1]])[1]


def test_without_room_the_merge_stops_and_says_where():
    ledger = empty_ledger(3)
    later = ledger_of([Line(customer, 5, 1) for customer in range(5)])
    assert merge(ledger, later, 0) == 3
