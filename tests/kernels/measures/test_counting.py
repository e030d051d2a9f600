"""The parts that measures over time are counted with."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.measures import Day
from tests.support.day_logs import entries_of, facts_of
from whalecurve.engine.measures.measures import Accumulator, MeasureSettings
from whalecurve.engine.measures.sums import n_combinations
from whalecurve.kernels.measures.closing import add_blocks
from whalecurve.kernels.measures.membership import mark_days, mark_joint, note
from whalecurve.kernels.measures.tables import (
    FACT_WORDS,
    KIND_WORDS,
    KINDS,
    MOST_LATER,
    MoneyFact,
    SmallFact,
    add_units,
    kinds_of,
)

INT64 = st.integers(-(2**63), 2**63 - 1)


@settings(max_examples=200, deadline=None)
@given(st.lists(INT64, max_size=30), st.randoms(use_true_random=False))
def test_sums_are_exact_and_the_same_in_any_order(amounts, random):
    for _ in range(2):
        units, carry = np.zeros((1, 1), np.int64), np.zeros((1, 1), np.int32)
        for amount in amounts:
            add_units(units, carry, 0, 0, np.int64(amount))
        assert int(units[0, 0]) + int(carry[0, 0]) * 2**64 == sum(amounts)
        random.shuffle(amounts)


def test_kinds_say_how_many_periods_later_a_purchase_is():
    months = np.arange(600, 640, dtype=np.int32)
    table = kinds_of(months)
    assert table.max() == len(KINDS) - 1 < KIND_WORDS
    for at, now in enumerate(months):
        for later in range(MOST_LATER + 1):
            then = now - later
            expected = tuple(min(now // n - then // n, 2) for n in (1, 3, 12))
            assert KINDS[table[at, later]] == expected


def test_combinations_have_numbers_of_their_own():
    setting = MeasureSettings(
        observed_from=date(2020, 1, 1), as_of=date(2020, 1, 31), schemes=(("a", ("x", "y")), ("b", ("u", "v", "w")))
    )
    every = [(a, b) for a in (0, 1, 255) for b in (0, 1, 2, 255)]
    facts = facts_of(setting, every, np.full(12, -1, np.int32))
    joint = facts.view(np.int32)[:, SmallFact.JOINT].tolist()
    assert joint == list(range(12)) == list(range(n_combinations(setting.schemes)))
    is_there = np.zeros(12, np.uint8)
    mark_joint(facts[5:], is_there)
    assert is_there.tolist() == [0] * 5 + [1] * 7


def test_facts_are_noted_where_the_customer_is():
    facts, position = np.zeros((5, FACT_WORDS), np.int64), np.array([3, 0])
    joint, first_day = np.array([7, 2**24 - 1], np.int32), np.array([20_000, -1], np.int32)
    most = np.array([2**63 - 1, -(2**63)])
    note(facts, position, joint, first_day, np.array([9, 2**31 - 1]), np.array([8, 0]), most, -1 - most)
    small = facts.view(np.int32)
    assert small[3, : MoneyFact.SOLD * 2].tolist() == [7, 20_001, 9, 8]
    assert small[0, : MoneyFact.SOLD * 2].tolist() == [2**24 - 1, 0, 2**31 - 1, 0]
    assert facts[[3, 0], MoneyFact.SOLD].tolist() == most.tolist()
    assert facts[[3, 0], MoneyFact.RETURNED].tolist() == (-1 - most).tolist()
    assert not facts[[1, 2, 4]].any()


def test_first_days_that_are_not_observed_are_counted():
    is_there = np.zeros(10, np.uint8)
    setting = MeasureSettings(observed_from=date(2020, 1, 1), as_of=date(2020, 1, 31))
    facts = facts_of(setting, [()] * 6, np.array([-1, 99, 100, 109, 110, 111], np.int32))
    assert mark_days(facts, 100, is_there) == 3
    assert np.flatnonzero(is_there).tolist() == [0, 9]
    assert mark_days(facts[2:4], 100, is_there) == 0


def test_blocks_are_added_where_they_belong():
    into, into_carry = np.zeros((6, 2), np.int64), np.zeros((6, 2), np.int32)
    units, carry = np.arange(8, dtype=np.int64).reshape(4, 2), np.zeros((4, 2), np.int32)
    carry[3, 1] = 5
    add_blocks(into, into_carry, 3, np.array([1, 0]), np.array([[0, 1], [0, 2]], np.int32), units, carry)
    assert into.tolist() == [[10, 12], [4, 5], [6, 7], [2, 4], [0, 1], [2, 3]]
    assert into_carry.tolist() == [[0, 5], [0, 0], [0, 5], [0, 0], [0, 0], [0, 0]]


def test_days_outside_those_observed_are_refused():
    setting = MeasureSettings(observed_from=date(2020, 1, 1), as_of=date(2020, 1, 31))
    entries = entries_of([Day(0, date(2020, 2, 1), 5)])
    facts = facts_of(setting, [()], np.array([-1], np.int32))
    counting = Accumulator(setting, facts)
    with pytest.raises(ValueError, match="outside"):
        counting.add(entries)
