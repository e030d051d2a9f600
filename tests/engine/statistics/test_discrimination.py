"""AUC and Brier score against their definitions."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whalecurve.engine.statistics import auc, brier, brier_of_base_rate

CASES = st.lists(st.tuples(st.sampled_from([-0.0, 0.0, 0.1, 0.25, 0.5, 1.0]), st.booleans()), min_size=1, max_size=30)


@settings(max_examples=100, deadline=None)
@given(CASES)
def test_the_auc_is_the_share_of_pairs_in_the_right_order_with_ties_for_half(cases):
    score, happened = (np.array(column) for column in zip(*cases, strict=True))
    pairs = list(product(score[happened], score[~happened]))
    won = sum(Fraction(2 * int(a > b) + int(a == b), 2) for a, b in pairs)
    assert auc(score, happened) == (pytest.approx(float(won / len(pairs)), rel=1e-14) if pairs else None)


def test_brier_scores_by_hand():
    happened = np.array([True, False, False, False])
    assert brier(np.array([0.5, 0.5, 0.0, 0.1]), happened) == pytest.approx((0.25 + 0.25 + 0.0 + 0.01) / 4, rel=1e-15)
    assert brier_of_base_rate(happened) == 0.25 * 0.75 == brier(np.full(4, 0.25), happened)
