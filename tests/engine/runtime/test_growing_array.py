import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whalecurve.engine.runtime.growing_array import GRAIN, GrowingArray

LENGTHS = st.lists(st.sampled_from([0, 1, 5, 1000, GRAIN // 16 - 1, GRAIN // 16, GRAIN // 16 + 1]), max_size=6)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([0, 2]), LENGTHS)
def test_rows_stay_when_it_grows_and_new_ones_are_zero(words, lengths):
    memory = GrowingArray(np.int64, words)
    expected = np.zeros((0, words), dtype=np.int64) if words else np.zeros(0, dtype=np.int64)
    for number, length in enumerate(lengths, start=1):
        memory.resize(length)
        kept = expected[:length]
        expected = np.zeros((length, *expected.shape[1:]), dtype=np.int64)
        expected[: len(kept)] = kept
        assert len(memory) == length
        assert np.array_equal(memory.array, expected)
        expected[...] = memory.array[...] = number
        assert memory.n_bytes >= memory.array.nbytes
        assert memory.n_bytes % GRAIN == 0


def test_it_does_not_move_under_a_view():
    memory = GrowingArray(np.int64, length=10)
    view = memory.array[2:]
    with pytest.raises(BufferError):
        memory.resize(10 * GRAIN)
    assert view.tolist() == [0] * 8
