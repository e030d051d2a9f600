"""The ledger's hash table and set of orders against dictionaries and sets."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.ledger import Line, totals_of
from tests.support.ledgers import TEXTS, added, assert_exact, grown, key_of, ledger_of, logs, pieces, rows_of, seen
from whalecurve.kernels.ledger.hash_table import (
    find_rows,
    has_room,
    hash_of,
    is_new_order,
    keep_share,
    mixed,
    place_of,
    same_bytes,
    share_of,
)
from whalecurve.kernels.ledger.layout import EPOCH, N_CUSTOMERS, N_SEEN, N_TEXT, slots_for
from whalecurve.kernels.ledger.updating import empty_ledger

SOME = settings(max_examples=60, deadline=None)
KEYS = st.integers(-(2**63), 2**63 - 1)


def found_rows(ledger, ids):
    """Rows of ids, all at once."""
    texts = [one for one in ids if isinstance(one, bytes)]
    keys = np.array([key_of(one) for one in ids], dtype=np.int64)
    hashes = np.array([mixed(key) for key in keys.tolist()], dtype=np.uint64)
    ends = np.cumsum([0, *map(len, texts)]).astype(np.int64)
    text = np.frombuffer(b"".join(texts), dtype=np.uint8).copy()
    rows = np.empty(len(ids), dtype=np.int64)
    find_rows(ledger, hashes, keys, text, ends, np.arange(len(ids)), rows, len(ids))
    return rows.tolist()


def test_the_first_number_of_splitmix64_is_the_published_one():
    assert mixed(np.int64(0x9E3779B97F4A7C15 - 2**64)) == 0xE220A8397B1DCDAF


@SOME
@given(st.lists(KEYS, max_size=150) | st.lists(st.integers(0, 9), max_size=150) | st.lists(TEXTS, max_size=150))
def test_rows_are_given_in_the_order_of_first_appearance(ids):
    ledger = empty_ledger(192, text_bytes=192 * 48)  # as full as a table of 256 slots may be
    ledger = ledger if ids and isinstance(ids[0], bytes) else ledger._replace(text=ledger.text[:0])
    expected = {one: row for row, one in enumerate(dict.fromkeys(ids))}
    assert found_rows(ledger, ids[:70]) == [expected[one] for one in ids[:70]]
    assert found_rows(ledger, ids) == [expected[one] for one in ids]
    assert ledger.counters[N_CUSTOMERS] == len(expected)


@given(st.binary(max_size=40), st.data())
@SOME
def test_bytes_are_the_same_where_all_of_them_are(one, data):
    places = st.integers(0, len(one) - 1) if one else st.nothing()
    changed = bytearray(one)
    for place in data.draw(st.sets(places, max_size=2)) if one else ():
        changed[place] ^= data.draw(st.integers(0, 255))
    before = data.draw(st.binary(max_size=9))
    a = np.frombuffer(b"xyz" + one + b"1", dtype=np.uint8).copy()
    b = np.frombuffer(before + changed + b"2", dtype=np.uint8).copy()
    assert same_bytes(a, 3, b, len(before), len(one)) == (one == changed)


@SOME
@given(KEYS, st.integers(8, 31))
def test_shares_and_places_are_within_bounds_and_independent_halves_of_the_hash(key, bits):
    hashed = int(mixed(key))
    assert share_of(np.uint64(hashed)) == hashed % 65_536
    assert place_of(np.uint64(hashed), 1 << bits) == (hashed >> 32) >> (32 - bits)


@pytest.mark.parametrize("customers", [0, 1, 191, 192, 193, 10_000, 10**6])
def test_a_table_has_a_power_of_two_slots_and_a_quarter_of_them_free(customers):
    slots = slots_for(customers)
    assert slots & (slots - 1) == 0
    assert 4 * customers <= 3 * slots
    assert slots == 256 or 4 * customers > 3 * slots // 2


@SOME
@given(st.lists(st.tuples(st.integers(0, 3), KEYS | st.integers(0, 3)), max_size=50), st.integers(0, 50))
def test_an_order_is_new_once_in_an_epoch(orders, cut):
    ledger = empty_ledger(1)
    for epoch in (1, 2):
        ledger.counters[EPOCH], ledger.counters[N_SEEN] = epoch, 0
        ledger = ledger._replace(**seen(128)) if epoch == 2 else ledger
        known = set()
        for i, (row, order) in enumerate(orders):
            if i == cut:
                ledger = grown(ledger)
            arrays = ledger.seen_customer, ledger.seen_order, ledger.seen_epoch
            assert is_new_order(*arrays, ledger.counters, row, order) == ((row, order) not in known)
            known.add((row, order))
        assert ledger.counters[N_SEEN] == len(known)


@SOME
@given(logs(), st.integers(0, 60), st.tuples(st.integers(0, 2**16), st.integers(0, 2**16)).map(sorted))
def test_customers_outside_a_share_are_dropped_and_the_others_go_on(lines, cut, share):
    first, later = pieces(lines, [cut])
    ledger = ledger_of(lines, first)
    keep_share(ledger, *share, np.empty(ledger.counters[0], np.int32))
    kept = {one for one in totals_of(lines) if share[0] <= int(mixed(key_of(one))) % 65_536 < share[1]}
    assert rows_of(ledger).keys() == kept & totals_of(first).keys()
    ledger = added(ledger, later, *share)
    assert_exact(ledger, {customer: row for customer, row in totals_of(lines).items() if customer in kept})


def marked(ledger):
    return {customer for customer, (_, is_marked) in rows_of(ledger).items() if is_marked}


BUSY = st.tuples(st.integers(0, 4), st.integers(4, 5), st.sampled_from([1, 2]), st.just(0), st.integers(0, 3)).map(
    lambda line: Line(*line)
)
"""Lines of few customers with several orders on each of two days."""


@SOME
@given(
    st.lists(BUSY, min_size=30, max_size=60).map(lambda lines: sorted(lines, key=lambda line: line.day))
    | logs(is_sorted=False),
    st.lists(st.tuples(st.integers(0, 60), st.integers(2**14, 2**16)), min_size=1, max_size=6),
)
def test_halving_anywhere_and_often_marks_nobody_and_changes_nothing(lines, halvings):
    cuts, lasts = sorted(cut for cut, _ in halvings), sorted((last for _, last in halvings), reverse=True)
    first, *later = pieces(lines, cuts)
    ledger = ledger_of(lines, first)
    for last, batch in zip(lasts, later, strict=True):
        keep_share(ledger, 0, last, np.empty(ledger.counters[N_CUSTOMERS], np.int32))
        ledger = added(ledger, batch, 0, last)
    last = min(lasts, default=2**16)
    whole, alone = ledger_of(lines), added(ledger_of(lines, []), lines, 0, last)
    assert marked(alone) <= marked(ledger) <= marked(whole)  # days of customers given up may come between, or not
    kept = {customer: row for customer, row in totals_of(lines).items() if customer in rows_of(alone)}
    assert_exact(ledger, kept, may_mark=marked(ledger))


def test_the_set_keeps_the_orders_of_customers_who_stay_and_of_the_epoch_and_no_others():
    ledger = ledger_of([], [Line(customer, 4, 1, order=order) for customer in range(40) for order in (1, 2)])
    ledger = added(ledger, [Line(customer, 5, 1, order=order) for customer in range(40) for order in (1, 2, 2, 3)])
    moved = np.empty(40, np.int32)
    keep_share(ledger, 0, 2**15, moved)
    n_kept = int((moved >= 0).sum())
    assert 10 < n_kept < 30
    assert ledger.counters[N_SEEN] == 2 * n_kept
    now = ledger.seen_epoch == ledger.counters[EPOCH]
    found = zip(ledger.seen_customer[now].tolist(), ledger.seen_order[now].tolist(), strict=True)
    assert sorted(found) == [(row, order) for row in range(n_kept) for order in (2, 3)]
    arrays = ledger.seen_customer, ledger.seen_order, ledger.seen_epoch
    assert not any(is_new_order(*arrays, ledger.counters, row, order) for row in range(n_kept) for order in (2, 3))


@SOME
@given(st.lists(TEXTS, max_size=30), st.lists(TEXTS, max_size=30), st.integers(0, 2**16))
def test_ids_are_filled_up_with_zeros_though_others_were_there_before(ids, more, last):
    ledger = empty_ledger(100, text_bytes=5000)
    found_rows(ledger, ids)
    keep_share(ledger, 0, last, np.empty(ledger.counters[0], np.int32))
    found_rows(ledger, more)
    for row in range(ledger.counters[N_CUSTOMERS]):
        record = ledger.hot[row, 0]
        length = int(ledger.text[record + 1])
        n_words = -(-length // 8)
        assert not any(ledger.text[record + 2 : record + 2 + n_words].tobytes()[length:])
        assert hash_of(ledger.hot, ledger.text, row) == mixed(ledger.text[record])
    assert not ledger.text[ledger.counters[N_TEXT] :].any()


def test_there_is_room_up_to_every_limit_and_not_beyond():
    ledger = empty_ledger(192, text_bytes=80)  # 586 words
    assert has_room(ledger, 192, 80)
    assert not has_room(ledger, 193, 0)
    assert not has_room(ledger, 192, 88)
    assert not has_room(ledger._replace(slots=ledger.slots[:128]), 97, 0)
    assert has_room(ledger._replace(slots=ledger.slots[:128]), 96, 0)
    few = ledger._replace(**seen(64))
    assert has_room(few, 32, 0)
    assert not has_room(few, 33, 0)
