from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from whalecurve.kernels.rfm.quantile_scores import count_thresholds, required_ranks, score_one, scores, thresholds

DOZEN = np.array([5.0, 10.0, 5.0, 1.0, 2.0, 10.0, 8.0, 2.0, 9.0, 10.0, 5.0, 10.0])

bins_asked = st.integers(2, 10)
tied = st.lists(st.integers(0, 6), min_size=1, max_size=40)
amounts = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=40)


def naive_scores(values, bins):
    """1 + floor(k (rho - 1/2) / n), rho being the average of the ranks that equal values take up."""
    ordered = sorted(values)
    ranks = {v: [i for i, w in enumerate(ordered, start=1) if w == v] for v in ordered}
    rho = {v: Fraction(sum(ranks[v]), len(ranks[v])) for v in ordered}
    return [1 + (bins * (rho[v] - Fraction(1, 2)) / len(values)).__floor__() for v in values]


def test_a_dozen_customers_score_as_worked_out_by_hand():
    # value: (less, equal) -> 5 (2 less + equal) / 24
    # 1: (0, 1) .21; 2: (1, 2) .83; 5: (3, 3) 1.88; 8: (6, 1) 2.71; 9: (7, 1) 3.13; 10: (8, 4) 4.17
    assert thresholds(DOZEN, 5).tolist() == [5.0, 8.0, 9.0, 10.0]
    assert scores(DOZEN, thresholds(DOZEN, 5)).tolist() == [2, 5, 2, 1, 1, 5, 3, 1, 4, 5, 2, 5]


@settings(max_examples=150, deadline=None)
@given(st.one_of(tied, amounts), bins_asked)
def test_scores_are_those_of_the_mid_rank_definition(values, bins):
    array = np.array(values, dtype=np.float64)
    assert scores(array, thresholds(array, bins)).tolist() == naive_scores(values, bins)


@settings(max_examples=50, deadline=None)
@given(tied, bins_asked)
def test_the_histogram_gives_the_thresholds_of_the_values(values, bins):
    counts = np.bincount(values)
    found = count_thresholds(counts, bins)
    as_values = np.where(found == counts.size, np.inf, found)
    assert as_values.tolist() == thresholds(np.array(values, dtype=np.float64), bins).tolist()


@settings(max_examples=50, deadline=None)
@given(amounts, bins_asked, st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(values, bins, random):
    shuffled = random.sample(values, len(values))
    assert thresholds(np.array(shuffled), bins).tolist() == thresholds(np.array(values), bins).tolist()
    assert thresholds(np.sort(values), bins).tolist() == thresholds(np.array(values), bins).tolist()


@settings(max_examples=50, deadline=None)
@given(amounts, bins_asked, st.integers(-8, 8))
def test_money_in_other_units_scores_the_same(values, bins, exponent):
    array, factor = np.array(values), 2.0**exponent
    assert (thresholds(array, bins) * factor).tolist() == thresholds(array * factor, bins).tolist()


@given(bins_asked, st.integers(1, 9))
@settings(max_examples=50, deadline=None)
def test_distinct_values_fill_the_scores_evenly(bins, each):
    values = np.arange(bins * each, dtype=np.float64)
    assert np.bincount(scores(values, thresholds(values, bins)))[1:].tolist() == [each] * bins


def test_a_heavy_tie_skips_scores_and_may_leave_the_best_ones_unreached():
    values = np.array([1.0, 7.0, 7.0, 7.0, 7.0, 7.0])  # 7: 5 (2 + 5) / 12 = 2.9, so score 3; 1: 5/12, so score 1
    assert thresholds(values, 5).tolist() == [7.0, 7.0, np.inf, np.inf]
    assert count_thresholds(np.bincount(values.astype(np.int64)), 5).tolist() == [7, 7, 8, 8]
    assert scores(values, thresholds(values, 5)).tolist() == [1, 3, 3, 3, 3, 3]


@pytest.mark.parametrize("bins", [2, 5, 10])
def test_one_customer_scores_in_the_middle(bins):
    only = np.array([42.0])
    assert scores(only, thresholds(only, bins)).tolist() == [1 + bins // 2]


def test_nobody_reaches_any_score():
    nobody = np.empty(0)
    assert thresholds(nobody, 4).tolist() == [np.inf] * 3
    assert count_thresholds(np.zeros(3, np.int64), 4).tolist() == [3, 3, 3]
    assert count_thresholds(np.zeros(0, np.int64), 4).tolist() == [0, 0, 0]
    assert scores(nobody, thresholds(nobody, 4)).tolist() == []


def test_whole_numbers_are_scored_with_whole_thresholds():
    days = np.array([1, 3, 3, 9])
    found = scores(days, count_thresholds(np.bincount(days), 2))
    assert found.dtype == np.uint8
    assert found.tolist() == [1, 2, 2, 2]  # 3: 2 (2 + 2) / 8 = 1, so score 2


def test_nan_has_no_score():
    assert scores(np.array([np.nan, 6.0]), np.array([5.0])).tolist() == [0, 2]


def test_thresholds_leave_the_values_alone():
    values = DOZEN.copy()
    values.flags.writeable = False
    thresholds(values, 3)
    assert values.tolist() == DOZEN.tolist()


def test_more_customers_than_a_32_bit_product_can_count_have_exact_ranks():
    assert required_ranks(3_000_000_000, 3).tolist() == [2_000_000_000, 4_000_000_000]
    assert required_ranks(10, 3).tolist() == [7, 14]  # 20/3 and 40/3, rounded up


def test_other_compiled_code_can_call_the_scalar_form():
    @njit
    def caller(value, cuts):
        return score_one(value, cuts)

    assert caller(9.5, np.array([5.0, 8.0, 9.0, 10.0])) == 4
