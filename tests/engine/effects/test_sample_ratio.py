"""Whether arms have the sizes that they were to have."""

import numpy as np
import polars as pl
import pytest
import tea_tasting as tt
from scipy import stats

from whalecurve.engine.effects import sample_ratio_p


def test_two_small_arms_are_tested_exactly():
    assert sample_ratio_p([55, 45], [0.5, 0.5]) == pytest.approx(stats.binomtest(45, 100, 0.5).pvalue)
    assert sample_ratio_p([3, 17], [0.3, 0.7]) == pytest.approx(stats.binomtest(3, 20, 0.3).pvalue)


def test_three_small_arms_are_tested_exactly():
    shares, counts = [0.5, 0.3, 0.2], (9, 2, 1)
    law = stats.multinomial(12, shares)
    ways = [(i, j, 12 - i - j) for i in range(13) for j in range(13 - i)]
    expected = sum(law.pmf(way) for way in ways if law.pmf(way) <= law.pmf(counts) * (1 + 1e-9))
    assert sample_ratio_p(list(counts), shares) == pytest.approx(expected)


def test_large_arms_are_tested_as_tea_tasting_does():
    variant = np.repeat([0, 1], [50_500, 49_500])
    theirs = tt.Experiment(ratio=tt.SampleRatio(method="norm", correction=False)).analyze(
        pl.DataFrame({"variant": variant})
    )
    assert sample_ratio_p([50_500, 49_500], [0.5, 0.5]) == pytest.approx(theirs["ratio"].pvalue, rel=1e-9)


def test_shares_need_not_add_up_to_1():
    assert sample_ratio_p([60_000, 59_000], [0.45, 0.45]) == sample_ratio_p([60_000, 59_000], [0.5, 0.5])


def test_nobody_is_no_mismatch():
    assert sample_ratio_p([0, 0], [0.5, 0.5]) == 1.0


@pytest.mark.parametrize(
    ("counts", "shares"), [((20_100, 19_800), (0.5, 0.5)), ((0, 40), (0.1, 0.9)), ((7, 0), (0.5, 0.5))]
)
def test_two_arms_of_many_or_of_nobody_are_tested_exactly_too(counts, shares):
    theirs = stats.binomtest(counts[0], sum(counts), shares[0]).pvalue
    assert sample_ratio_p(list(counts), shares) == pytest.approx(theirs, rel=1e-7)
