import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whalecurve.kernels.concentration import value_order as kernel

finite = st.floats(allow_nan=False, allow_infinity=False)


def key(value):
    return kernel.key(np.float64(value).view(np.uint64))


def packed(values, cut, row_bits):
    return kernel.pack(values.view(np.uint64), np.uint64(key(values.min())), cut, row_bits)


@given(finite, finite)
def test_keys_compare_as_the_floats_do(a, b):
    assert (key(a) < key(b), key(a) == key(b)) == (a < b, a == b)


def test_both_zeros_have_one_key():
    assert key(-0.0) == key(0.0)
    assert key(-5e-324) < key(0.0) < key(5e-324)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=60))
def test_words_sort_as_values_do_and_remember_the_row(cents):
    values = np.array(cents) / 100.0
    row_bits = 6
    words = np.sort(packed(values, row_bits, row_bits))
    ascending, order = kernel.unpack(words, values, row_bits)
    np.testing.assert_array_equal(ascending, values[order])
    assert kernel.mend(ascending, order)
    np.testing.assert_array_equal(ascending, np.sort(values))
    np.testing.assert_array_equal(order, np.argsort(values, kind="stable"))


@pytest.mark.parametrize("n", [2, 3, 10])
def test_values_whose_difference_was_cut_off_are_mended(n):
    values = 1.0 + np.arange(n, 0, -1) * 2.0**-52  # descending by one bit each
    words = np.sort(packed(values, 8, 4))
    ascending, order = kernel.unpack(words, values, 4)
    assert ascending.tolist() == values.tolist()
    may = n * (n - 1) // 2 <= kernel.MOVES_PER_ROW * n
    assert kernel.mend(ascending, order) == may
    np.testing.assert_array_equal(ascending, values[order])  # whatever is left undone, values keep their rows
    assert not may or ascending.tolist() == sorted(values)


def test_tied_values_keep_the_order_of_their_rows():
    values = np.array([2.0, 1.0, 2.0, -0.0, 0.0])
    ascending, order = kernel.unpack(np.sort(packed(values, 3, 3)), values, 3)
    assert kernel.mend(ascending, order)
    assert order.tolist() == [3, 4, 1, 0, 2]


def test_nobody_is_in_order():
    assert kernel.mend(np.empty(0), np.empty(0, np.uint32))
