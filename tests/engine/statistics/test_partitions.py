"""How much two divisions agree, against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from whalecurve.engine.statistics import adjusted_rand

divisions = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=60)


@given(divisions)
def test_agreement_is_that_of_scikit_learn(pairs):
    one, other = (np.array(side, dtype=np.int64) for side in zip(*pairs, strict=True))
    assert adjusted_rand(one, other) == pytest.approx(adjusted_rand_score(one, other), abs=1e-12)
    assert adjusted_rand(one, one) == 1.0


def test_counts_beyond_64_bits_of_pairs_are_exact():
    halves = np.arange(200_000) % 2
    assert adjusted_rand(halves, 1 - halves) == 1.0
