"""Columns of lines in the store's numbers, against plain Python."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whalecurve.kernels.store.order_lines import count_by_day, fixed_point, span

SOME = settings(max_examples=60, deadline=None)
UNITS, LIMIT = 1e6, 9.2e12
MONEY = st.floats(-LIMIT, LIMIT) | st.sampled_from([0.0, -0.0, 5e-7, 1.5e-6, 2.5e-6, 0.1, LIMIT, -LIMIT])
ODD = st.sampled_from([math.nan, math.inf, -math.inf, 9.3e12, -1e300, -1e-9, -5e-7, -5e-324])


@SOME
@given(st.lists(MONEY, max_size=20))
def test_amounts_are_rounded_to_units_halves_to_even(amounts):
    out = np.empty(len(amounts), dtype=np.int64)
    is_sound = fixed_point(np.array(amounts, dtype=np.float64), UNITS, LIMIT, out)
    assert out.tolist() == [round(amount * UNITS) for amount in amounts]
    assert is_sound == all(round(amount * UNITS) != 0 or amount == 0.0 for amount in amounts)


@SOME
@given(st.lists(st.floats(0.0, LIMIT), max_size=9), ODD, st.integers(0, 9))
def test_one_amount_that_cannot_be_told_in_units_makes_a_column_unsound(amounts, odd, place):
    column = np.array([*amounts[:place], odd, *amounts[place:]])
    assert not fixed_point(column, UNITS, LIMIT, np.empty(column.size, dtype=np.int64))


LINES = st.lists(st.tuples(st.integers(3, 9), st.integers(-5, 5), st.booleans()), min_size=1, max_size=40)


@SOME
@given(LINES, st.booleans())
def test_lines_returns_and_turnover_are_counted_by_day_on_top_of_what_was_there(lines, has_flags):
    days, amounts, flags = zip(*lines, strict=True)
    day, amount = np.array(days, dtype=np.int32), np.array(amounts, dtype=np.int64)
    is_return = np.array(flags, dtype=np.uint8) if has_flags else np.empty(0, dtype=np.uint8)
    counts, turnover = np.ones((7, 2), dtype=np.int64), np.ones(7)
    assert count_by_day(day, amount, is_return, 3, counts, turnover) == len(lines)
    for at in range(7):
        own = [line for line in lines if line[0] == at + 3]
        n_back = sum(flag if has_flags else amount < 0 for _, amount, flag in own)
        assert counts[at].tolist() == [1 + len(own), 1 + n_back]
        assert turnover[at] == 1 + sum(abs(amount) for _, amount, _ in own)


@pytest.mark.parametrize("days", [[0], [5, -1, 3], [-(2**31), 2**31 - 1]])
def test_a_span_is_from_the_first_to_the_last_day(days):
    assert span(np.array(days, dtype=np.int32)) == (min(days), max(days))
