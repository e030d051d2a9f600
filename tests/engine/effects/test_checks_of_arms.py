"""Sizes of arms, the best arm, and what an effect needs."""

import numpy as np
import polars as pl
import pytest
import tea_tasting as tt
from scipy import stats

from whalecurve.engine.effects import ArmMean, chances_of_best, detectable, sample_ratio_p, times_as_many


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


def arm(mean, error):
    return ArmMean(mean=mean, variance=error**2, degrees=100.0, n=101)


def test_the_chance_of_being_best_is_that_of_draws():
    arms = [arm(1.0, 0.5), arm(1.3, 0.4), arm(0.2, 1.0)]
    draws = np.random.default_rng(0).normal([1.0, 1.3, 0.2], [0.5, 0.4, 1.0], (400_000, 3))
    expected = np.bincount(draws.argmax(axis=1), minlength=3) / 400_000
    assert chances_of_best(arms) == pytest.approx(expected.tolist(), abs=0.003)


def test_of_two_arms_it_is_the_one_sided_probability():
    assert chances_of_best([arm(0.0, 3.0), arm(5.0, 4.0)])[1] == pytest.approx(stats.norm.cdf(1.0), abs=1e-6)


def test_arms_that_do_not_vary_are_certain():
    assert chances_of_best([arm(1.0, 0.0), arm(2.0, 0.0)]) == [0.0, 1.0]
    assert chances_of_best([arm(1.0, 0.0), arm(1.0, 0.0)]) == [0.5, 0.5]


def test_an_effect_of_the_detectable_size_is_seen_four_times_of_five():
    effect = detectable(1.0, 0.05)
    assert effect == pytest.approx(2.8016, abs=1e-4)
    assert stats.norm.sf(1.959964 - effect) == pytest.approx(0.8, abs=1e-6)
    assert times_as_many(1.0, effect / 2, 0.05) == pytest.approx(4.0)
