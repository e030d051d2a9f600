import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whalecurve.kernels.group_sums import BLOCK, LOW, MOST_STEPS, add_up

SCALES = np.array([2.0**53, 1e6])
STARTS = np.array([0, 3])


def frozen(values, dtype):
    array = np.array(values, dtype)
    array.setflags(write=False)
    return array


def added(rows, groupings=2, sums=None):
    """Rows of (code, code, whole number, risk, amount), NaN for a number that is missing."""
    columns = list(zip(*rows, strict=True)) if rows else [[]] * 5
    codes = [frozen(column, np.uint16) for column in columns[:2]]
    codes[groupings:] = [frozen([], np.uint16)] * (2 - groupings)
    numbers = tuple(frozen(column, np.float64) for column in columns[3:])
    sums = np.zeros((7, 8), np.int64) if sums is None else sums
    return add_up(tuple(codes), STARTS, frozen(columns[2], np.int64), numbers, SCALES, sums), sums


def naive(rows):
    expected = [[0, 0, 0, 0, 0, 0] for _ in range(7)]
    for first, second, plain, *numbers in rows:
        for group in (first, 3 + second):
            cell = expected[group]
            cell[0] += 1
            cell[1] += plain
            for j, (x, scale) in enumerate(zip(numbers, SCALES, strict=True)):
                if x == x:
                    cell[2 + 2 * j] += 1
                    cell[3 + 2 * j] += round(x * scale)  # Python's integers; half to even, as rint
    return expected


def as_python(sums):
    return [[*row[:2], row[2], row[3] * int(LOW) + row[4], row[5], row[6] * int(LOW) + row[7]] for row in sums.tolist()]


number = st.one_of(st.just(np.nan), st.floats(-1e15, 1e15), st.integers(-100, 100).map(lambda k: k / 4e6))
row = st.tuples(
    st.integers(0, 2), st.integers(0, 3), st.integers(0, 2**40), st.one_of(st.just(np.nan), st.floats(0.0, 1.0)), number
)


@settings(max_examples=60, deadline=None)
@given(st.lists(row, max_size=30))
def test_sums_are_those_of_pythons_whole_numbers(rows):
    wrong, sums = added(rows)
    assert wrong == -1
    assert as_python(sums) == naive(rows)
    assert all(part >= 0 for cell in sums.tolist() for part in (cell[4], cell[7]))


def test_rows_beyond_one_block_and_those_of_an_earlier_call_are_added():
    rng = np.random.default_rng(3)
    rows = [
        (int(a), int(b), 1, float(p), float(x))
        for a, b, p, x in zip(
            rng.integers(0, 3, 700), rng.integers(0, 4, 700), rng.random(700), rng.normal(0, 1e9, 700), strict=True
        )
    ]
    assert BLOCK < 700
    _, sums = added(rows[:300])
    added(rows[300:], sums=sums)
    assert as_python(sums) == naive(rows)


def test_a_grouping_and_a_column_may_be_left_out():
    rows = [(0, 0, 5, 0.5, np.nan), (2, 0, 6, 0.25, np.nan)]
    codes = (frozen([0, 2], np.uint16), frozen([], np.uint16))
    numbers = (frozen([0.5, 0.25], np.float64), frozen([], np.float64))
    sums = np.zeros((7, 8), np.int64)
    assert add_up(codes, STARTS, frozen([5, 6], np.int64), numbers, SCALES, sums) == -1
    np.testing.assert_array_equal(sums, added(rows, groupings=1)[1])
    assert sums[3:].sum() == 0


@pytest.mark.parametrize("x", [MOST_STEPS / 1e6, -1e300, np.inf, -np.inf])
def test_a_number_of_too_many_steps_is_told_by_its_column(x):
    assert added([(0, 0, 1, 0.5, 1.0), (1, 1, 1, 0.5, x)])[0] == 1
    assert added([(1, 1, 1, x, np.nan)])[0] == 0


def test_the_largest_number_that_fits_is_added():
    x = np.nextafter(MOST_STEPS / 1e6, 0.0)
    wrong, sums = added([(0, 0, 1, np.nan, x), (0, 1, 1, np.nan, -x), (1, 1, 1, np.nan, x)])
    assert wrong == -1
    assert [cell[5] for cell in as_python(sums)] == [0, round(x * 1e6), 0, round(x * 1e6), 0, 0, 0]
