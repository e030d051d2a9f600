"""Loads from anywhere, and hints that change nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from whalecurve.kernels.compiler.intrinsics import prefetch, word_at


@njit
def word(array, byte):
    return word_at(array, byte)


@njit
def hint(array, row):
    prefetch(array, row)
    return row


@given(st.binary(min_size=8, max_size=40), st.data())
def test_a_word_is_eight_bytes_the_least_first_wherever_they_begin(data, draw):
    byte = draw.draw(st.integers(0, len(data) - 8))
    expected = int.from_bytes(data[byte : byte + 8], "little", signed=True)
    assert word(np.frombuffer(data, dtype=np.uint8).copy(), byte) == expected


@pytest.mark.parametrize("array", [np.arange(6), np.arange(12).reshape(6, 2), np.arange(6, dtype=np.uint64)])
@pytest.mark.parametrize("row", [0, 5, 10**12])
def test_a_hint_changes_nothing_even_beyond_the_array(array, row):
    before = array.copy()
    assert hint(array, row) == row
    assert (array == before).all()
