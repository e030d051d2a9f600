"""Sizes of samples and their margins of error, against simulated surveys and whole-number arithmetic."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whalecurve.engine.sampling.strata import Stratum, in_proportion, margin_of_all
from whalecurve.engine.statistics import NORMAL_975


def stratum(n, n_drawn, name="A"):
    return Stratum(segment=name, n_customers=n, n_excluded=0, n_drawn=n_drawn, n_reserve=0, interview_below=30)


def test_the_margin_is_that_of_all_samples_that_could_be_drawn():
    """Of six customers, three of whom would say yes: every sample of four, counted out."""
    answers = [1, 1, 1, 0, 0, 0]
    shares = [np.mean(drawn) for drawn in itertools.combinations(answers, 4)]
    assert stratum(6, 4).variance == pytest.approx(np.var(shares), rel=1e-14)
    assert stratum(6, 4).margin_of_error == pytest.approx(NORMAL_975 * np.std(shares), rel=1e-14)


def test_the_margin_of_all_is_that_of_weighted_answers():
    """Of two strata of four and two customers, half of whom would say yes: every pair of samples."""
    big, small = [1, 1, 0, 0], [1, 0]
    estimates = [
        (4 * np.mean(a) + 2 * np.mean(b)) / 6
        for a in itertools.combinations(big, 2)
        for b in itertools.combinations(small, 1)
    ]
    both = [stratum(4, 2), stratum(2, 1)]
    assert margin_of_all(both) == pytest.approx(NORMAL_975 * np.std(estimates), rel=1e-14)


def test_whom_everybody_of_is_asked_has_no_error_and_whom_nobody_of_is_asked_has_no_estimate():
    assert (stratum(7, 7).margin_of_error, stratum(1, 1).margin_of_error) == (0.0, 0.0)
    assert (stratum(7, 0).margin_of_error, stratum(7, 0).weight, margin_of_all([stratum(7, 0)])) == (None, None, None)
    assert margin_of_all([stratum(9, 3), stratum(7, 0)]) == pytest.approx(stratum(9, 3).margin_of_error)


@pytest.mark.parametrize(("n", "method"), [(29, "interview"), (30, "survey")])
def test_few_customers_are_better_talked_to(n, method):
    assert stratum(n, 1).method == method


@given(st.integers(1, 500), st.lists(st.integers(0, 300), min_size=1, max_size=12))
def test_a_total_is_divided_in_proportion_and_to_the_last_one(total, sizes):
    parts, n = in_proportion(total, sizes), sum(sizes)
    assert sum(parts) == min(total, n)
    assert all(0 <= part <= size for part, size in zip(parts, sizes, strict=True))
    for part, size in zip(parts, sizes, strict=True):
        assert n == 0 or abs(part - min(total, n) * size / n) < 1.0


def test_of_equal_remainders_the_earlier_gets_more():
    assert in_proportion(5, [10, 10, 10, 10]) == [2, 1, 1, 1]
