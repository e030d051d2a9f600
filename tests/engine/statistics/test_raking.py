"""Weights by raking, against margins worked out by hand and against fractions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whalecurve.engine.statistics import raked


def test_one_margin_gives_each_level_its_share():
    weights = raked(np.array([30.0, 10.0]), [np.array([0, 1])], [np.array([0.5, 0.5])])
    assert weights == pytest.approx([20 / 30, 20 / 10])


def test_two_margins_are_met_and_the_odds_ratio_is_kept():
    counts = np.array([40.0, 10.0, 20.0, 30.0])  # rows 0 0 1 1, columns 0 1 0 1
    rows, columns = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    weights = raked(counts, [rows, columns], [np.array([0.4, 0.6]), np.array([0.5, 0.5])])
    table = weights * counts / 100.0
    assert (table[0] + table[1], table[0] + table[2], table.sum()) == pytest.approx((0.4, 0.5, 1.0))
    assert table[0] * table[3] / (table[1] * table[2]) == pytest.approx(40 * 30 / (10 * 20))


def test_margins_that_no_weights_have_give_none():
    counts = np.array([5.0, 5.0])  # level 0 goes with 0, and 1 with 1, always
    both = np.array([0, 1])
    assert raked(counts, [both, both], [np.array([0.5, 0.5]), np.array([0.9, 0.1])]) is None


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 50), min_size=6, max_size=6), st.floats(0.1, 0.9), st.floats(0.1, 0.9))
def test_weights_are_one_on_average_and_meet_their_margins(counts, share, other):
    n = np.array(counts, dtype=np.float64)
    rows, columns = np.repeat([0, 1], 3), np.tile([0, 1, 2], 2)
    targets = [np.array([share, 1.0 - share]), np.array([other, (1.0 - other) / 2, (1.0 - other) / 2])]
    weights = raked(n, [rows, columns], targets)
    assert weights is not None
    assert (weights * n).sum() == pytest.approx(n.sum())
    for level, target in zip((rows, columns), targets, strict=True):
        assert np.bincount(level, weights * n) / n.sum() == pytest.approx(target, abs=1e-9)
