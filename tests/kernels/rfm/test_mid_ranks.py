import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from whalecurve.kernels.rfm.mid_ranks import pivots, reaching

columns = st.lists(st.one_of(st.integers(0, 6).map(float), st.floats(-1e9, 1e9)), min_size=1, max_size=40)


def least_with(values, doubled):
    """The smallest value whose doubled rank, 2 less + equal, is so much at least; +inf where none is."""
    ranks = {v: 2 * sum(w < v for w in values) + sum(w == v for w in values) for v in values}
    return min((v for v in values if ranks[v] >= doubled), default=np.inf)


@settings(max_examples=150, deadline=None)
@given(columns, st.lists(st.integers(0, 80), min_size=1, max_size=5), st.booleans())
def test_the_least_value_that_reaches_each_doubled_rank_is_found(values, doubled, is_sorted):
    required = np.array(sorted(min(d, 2 * len(values)) for d in doubled))
    at = pivots(len(values), required)
    column = np.sort(np.array(values)) if is_sorted else np.partition(np.array(values), at)
    assert reaching(column, required).tolist() == [least_with(values, d) for d in required.tolist()]


def test_a_tied_group_belongs_to_the_best_half_as_soon_as_half_of_it_does():
    # 2 x 2 + 4 = 8 of 2 x 8: half of the doubled ranks
    assert reaching(np.array([1.0, 1.0, 5.0, 5.0, 5.0, 5.0, 9.0, 9.0]), np.array([8])).tolist() == [5.0]
    assert reaching(np.array([1.0, 5.0, 5.0, 5.0, 5.0, 9.0, 9.0, 9.0]), np.array([8])).tolist() == [9.0]
