import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from whalecurve.kernels.rfm.quantile_scores import (
    count_thresholds,
    next_larger,
    required_worse,
    score_one,
    scores,
    thresholds,
)

DOZEN = np.array([5.0, 10.0, 5.0, 1.0, 2.0, 10.0, 8.0, 2.0, 9.0, 10.0, 5.0, 10.0])

bins_asked = st.integers(2, 10)
tied = st.lists(st.integers(0, 6), min_size=1, max_size=40)
amounts = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=40)


def naive_scores(values, bins):
    """1 + floor(k w / n), w being how many are strictly worse."""
    return [1 + bins * sum(w < v for w in values) // len(values) for v in values]


def test_a_dozen_customers_score_as_worked_out_by_hand():
    # value: worse ones -> 5 worse / 12. 1: 0 .0; 2: 1 .42; 5: 3 1.25; 8: 6 2.5; 9: 7 2.92; 10: 8 3.33
    assert thresholds(DOZEN, 5).tolist() == [5.0, 8.0, 10.0, np.inf]
    assert scores(DOZEN, thresholds(DOZEN, 5)).tolist() == [2, 4, 2, 1, 1, 4, 3, 1, 3, 4, 2, 4]


@settings(max_examples=150, deadline=None)
@given(st.one_of(tied, amounts), bins_asked)
def test_a_score_is_one_and_the_share_of_those_strictly_worse(values, bins):
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


@given(bins_asked, st.integers(1, 99))
@settings(max_examples=50, deadline=None)
def test_distinct_values_fill_the_scores_evenly(bins, n):
    values = np.arange(n, dtype=np.float64)
    sizes = np.bincount(scores(values, thresholds(values, bins)), minlength=bins + 1)[1:].tolist()
    assert sum(sizes) == n
    assert set(sizes) <= {n // bins, -(-n // bins)}


def test_a_heavy_tie_skips_scores_and_may_leave_the_best_ones_unreached():
    values = np.array([1.0, 1.0, 1.0, 7.0, 7.0, 7.0])  # 7: 5 x 3 / 6 = 2.5, so score 3
    assert thresholds(values, 5).tolist() == [7.0, 7.0, np.inf, np.inf]
    assert count_thresholds(np.bincount(values.astype(np.int64)), 5).tolist() == [7, 7, 8, 8]
    assert scores(values, thresholds(values, 5)).tolist() == [1, 1, 1, 3, 3, 3]


@given(st.integers(1, 200), st.integers(0, 60), bins_asked)
@settings(max_examples=50, deadline=None)
def test_the_worst_value_scores_one_however_many_share_it(n_worst, n_better, bins):
    values = np.array([1.0] * n_worst + [2.0] * n_better)
    found = scores(values, thresholds(values, bins)).tolist()
    assert found == [1] * n_worst + [1 + bins * n_worst // (n_worst + n_better)] * n_better


@pytest.mark.parametrize("bins", [2, 5, 10])
def test_one_customer_is_the_worst_there_is(bins):
    only = np.array([42.0])
    assert thresholds(only, bins).tolist() == [np.inf] * (bins - 1)
    assert scores(only, thresholds(only, bins)).tolist() == [1]


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
    assert found.tolist() == [1, 1, 1, 2]  # 3: 2 x 1 / 4 = .5, so score 1; 9: 2 x 3 / 4 = 1.5, so score 2


def test_nan_has_no_score():
    assert scores(np.array([np.nan, 6.0]), np.array([5.0])).tolist() == [0, 2]


def test_thresholds_leave_the_values_alone():
    values = DOZEN.copy()
    values.flags.writeable = False
    thresholds(values, 3)
    assert values.tolist() == DOZEN.tolist()


counts_asked = st.lists(st.one_of(st.integers(0, 3), st.integers(0, 2**62 // 8)), min_size=1, max_size=8)


@settings(max_examples=150, deadline=None)
@given(counts_asked, bins_asked)
def test_however_many_customers_there_are_their_histogram_is_scored_exactly(counts, bins):
    n, found = sum(counts), count_thresholds(np.array(counts), bins)
    for value, count in enumerate(counts):
        if count:
            assert 1 + sum(value >= cut for cut in found.tolist()) == 1 + bins * sum(counts[:value]) // n


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**63 - 1), bins_asked)
def test_the_least_number_of_worse_ones_is_exact_without_overflow(n, bins):
    assert required_worse(n, bins).tolist() == [-(-n * s // bins) for s in range(1, bins)]


@settings(max_examples=50, deadline=None)
@given(tied, st.lists(st.integers(0, 39), min_size=1, max_size=5), st.booleans())
def test_the_next_larger_value_is_found_in_a_partitioned_column(values, positions, is_sorted):
    at = np.array(sorted(position % len(values) for position in positions))
    column = np.array(values, dtype=np.float64)
    found = next_larger(np.sort(column) if is_sorted else np.partition(column, at), at)
    for position, value in zip(at, found.tolist(), strict=True):
        assert value == min((v for v in values if v > sorted(values)[position]), default=np.inf)


def test_other_compiled_code_can_call_the_scalar_form():
    @njit
    def caller(value, cuts):
        return score_one(value, cuts)

    assert caller(9.5, np.array([5.0, 8.0, 9.0, 10.0])) == 4
