import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whalecurve.engine.models import history_counts
from whalecurve.engine.models.histories import X_BITS, collapsed, words_of
from whalecurve.engine.models.history_counts import HistoryCounts

CUSTOMERS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(0, 4)), max_size=40)


def histories(customers):
    """Columns x, t_x, T of customers, each with 0 <= t_x <= T, and t_x = 0 where x is 0."""
    rows = [(x, t_x if x else 0, t_x + more) for x, t_x, more in customers]
    return (np.array([row[i] for row in rows], dtype=np.float64) for i in range(3))


@settings(max_examples=60, deadline=None)
@given(st.lists(CUSTOMERS, max_size=6), st.integers(1, 20))
def test_counting_some_at_a_time_is_counting_all_at_once(tables, together):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history_counts, "TOGETHER", together)
        counts = HistoryCounts()
        for customers in tables:
            counts.add(words_of(*histories(customers)))
        found = counts.counted()
    whole = collapsed(*histories([customer for customers in tables for customer in customers]))
    for name in ("x", "t_x", "T", "counts"):
        assert getattr(found, name).tolist() == getattr(whole, name).tolist()


def test_histories_too_long_for_a_word_are_counted_with_the_others():
    many = float(2**X_BITS)
    counts = HistoryCounts()
    counts.add(words_of(np.array([1.0, 2.0]), np.array([3.0, 3.0]), np.array([5.0, 5.0])))
    counts.add(collapsed([many, 2.0], [3.0, 3.0], [5.0, 5.0]))
    found = counts.counted()
    assert list(zip(found.x, found.t_x, found.T, found.counts, strict=True)) == [
        (1.0, 3.0, 5.0, 1.0),
        (2.0, 3.0, 5.0, 2.0),
        (many, 3.0, 5.0, 1.0),
    ]
