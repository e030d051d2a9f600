"""Drawing: everybody as likely, streams of their own, the same everywhere."""

import numpy as np
from scipy import stats

from whalecurve.engine.sampling.draw import drawn


def test_everybody_and_every_order_is_as_likely():
    """All 60 ways to draw three of five in order, over 30,000 seeds: a chi-squared test at one in a thousand."""
    ways = [tuple(drawn(5, 3, seed, 0)) for seed in range(30_000)]
    counts = np.unique(ways, axis=0, return_counts=True)[1]
    assert counts.size == 60
    assert stats.chisquare(counts).pvalue > 0.001


def test_a_seed_draws_the_same_in_every_version_of_numpy():
    assert drawn(10, 4, 1, 0).tolist() == DRAWN
    assert drawn(10, 10, 1, 0)[:4].tolist() == DRAWN


DRAWN = [4, 6, 1, 3]
"""The least four of ten words of PCG64 seeded with (1, spawn key 0)."""


def test_strata_are_drawn_apart():
    assert drawn(1_000, 20, 1, 0).tolist() != drawn(1_000, 20, 1, 1).tolist()


def test_no_more_than_there_are_are_drawn():
    assert sorted(drawn(3, 9, 0, 0).tolist()) == [0, 1, 2]
    assert drawn(0, 9, 0, 0).size == 0
