"""Measures of a prediction: known answers, laws, and definitions worked out the long way."""

import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from whalecurve.engine.validation.accuracy import (
    accuracy_of,
    decile_table,
    frequency_table,
    n_in_top,
    percentage_error,
    probability_accuracy_of,
)

few = st.integers(-3, 3).map(float)
lasting = settings(deadline=None)
pairs = st.lists(st.tuples(few, few), min_size=2, max_size=30)


def columns(rows):
    return (np.array(column) for column in zip(*rows, strict=True))


def concentration_area(by, amounts):
    """Area between the cumulative amounts, best first by `by`, and the diagonal; a tie is one straight piece."""
    steps = [(0.0, 0.0)]
    for level in sorted(set(by), reverse=True):
        tied = by == level
        steps.append((steps[-1][0] + tied.sum() / by.size, steps[-1][1] + amounts[tied].sum()))
    area = sum((y0 + y1) / 2.0 * (x1 - x0) for (x0, y0), (x1, y1) in itertools.pairwise(steps))
    return area - amounts.sum() / 2.0


def share_caught(predicted, actual):
    """Mean share of the true top among the predicted top over every way to break ties, two by two."""

    def tops(values):
        orders = itertools.permutations(range(values.size))
        sorted_orders = [o for o in orders if all(values[i] >= values[j] for i, j in itertools.pairwise(o))]
        return [set(o[: n_in_top(values.size)]) for o in sorted_orders]

    shares = [len(a & b) / len(a) for a in tops(actual) for b in tops(predicted)]
    return sum(shares) / len(shares)


def test_errors_by_hand():
    found = accuracy_of(np.array([1.0, 2.0, 4.0, 0.0]), np.array([0.0, 2.0, 1.0, 1.0]))
    assert (found.predicted, found.actual, found.error) == (7.0, 4.0, 0.75)
    assert (found.mae, found.bias, found.n_customers) == (1.25, 0.75, 4)
    assert found.rmse == pytest.approx((11.0 / 4.0) ** 0.5, rel=1e-15)


@given(pairs)
@lasting
def test_rank_correlation_is_spearmans_with_mid_ranks(rows):
    predicted, actual = columns(rows)
    assume(len(set(predicted)) > 1 and len(set(actual)) > 1)
    assert accuracy_of(predicted, actual).rank_correlation == pytest.approx(spearmanr(predicted, actual)[0], abs=1e-12)


@given(pairs)
@lasting
def test_gini_is_the_ratio_of_areas_under_the_concentration_curves(rows):
    predicted, actual = columns(rows)
    assume(len(set(actual)) > 1)
    expected = concentration_area(predicted, actual) / concentration_area(actual, actual)
    gini = accuracy_of(predicted, actual).gini  # the oracle adds fractions
    assert gini == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(st.lists(st.tuples(st.integers(0, 2).map(float), st.integers(0, 2).map(float)), min_size=1, max_size=6))
@settings(lasting, max_examples=25)
def test_the_share_of_the_top_caught_is_the_mean_over_all_ways_to_break_ties(rows):
    predicted, actual = columns(rows)
    found = accuracy_of(predicted, actual)
    assert found.top_20_caught == pytest.approx(share_caught(predicted, actual), rel=1e-12)
    assert found.top_20_catchable == pytest.approx(share_caught(actual, actual), rel=1e-12)
    assert found.top_20_caught <= found.top_20_catchable + 1e-12


@given(pairs, st.randoms(use_true_random=False))
@lasting
def test_the_order_of_customers_does_not_matter(rows, random):
    shuffled = random.sample(rows, len(rows))
    before, after = (accuracy_of(*columns(r)).to_dict() for r in (rows, shuffled))
    for name, number in before.items():
        assert after[name] == (None if number is None else pytest.approx(number, rel=1e-12, abs=1e-12)), name


@pytest.mark.parametrize("actual", [np.arange(10.0), np.array([0.0, 0.0, 3.0, -1.0, 8.0]), np.array([5.0, 1.0])])
def test_the_truth_as_its_own_prediction_scores_best(actual):
    found = accuracy_of(actual, actual)
    assert (found.mae, found.rmse, found.bias) == (0.0, 0.0, 0.0)
    assert found.rank_correlation == pytest.approx(1.0, rel=1e-15)
    assert found.gini == pytest.approx(1.0, rel=1e-15)
    assert found.top_20_caught == found.top_20_catchable
    assert accuracy_of(-actual, actual).gini == pytest.approx(-1.0, rel=1e-15)


def test_one_prediction_for_all_orders_nothing():
    found = accuracy_of(np.full(100, 1.5), np.arange(100.0))
    assert found.rank_correlation is None
    assert found.gini == 0.0
    assert found.top_20_caught == pytest.approx(0.2, rel=1e-12)


def test_what_does_not_vary_has_no_order_to_find():
    found = accuracy_of(np.arange(5.0), np.zeros(5))
    assert found.rank_correlation is found.gini is found.error is None
    assert accuracy_of(np.ones(1), np.ones(1)).top_20_caught == 1.0


def test_gini_needs_no_positive_total():
    found = accuracy_of(np.array([1.0, 2.0, 3.0]), np.array([-9.0, 1.0, 2.0]))
    assert found.gini == pytest.approx(1.0, rel=1e-15)
    assert found.error is None


def test_customers_without_a_prediction_are_left_out():
    found = accuracy_of(np.array([np.nan, 2.0, 1.0]), np.array([100.0, 2.0, 1.0]))
    assert (found.n_customers, found.actual, found.mae) == (2, 3.0, 0.0)


def test_negative_zero_ties_with_zero():
    found = accuracy_of(np.array([-0.0, 0.0]), np.array([0.0, 1.0]))
    assert found.rank_correlation is None


def test_probabilities_by_hand():
    happened = np.array([True, False, True, False])
    found = probability_accuracy_of(np.array([1.0, 0.5, 0.25, np.nan]), happened)
    assert (found.n_customers, found.n_bought) == (3, 2)
    assert found.brier == pytest.approx((0.25 + 0.5625) / 3.0, rel=1e-15)
    assert found.brier_of_base_rate == pytest.approx(2.0 / 9.0, rel=1e-15)
    assert found.auc == 0.5  # above the one who did not buy, and below
    assert probability_accuracy_of(np.array([np.nan, 0.5]), happened[:2]).auc is None


def test_percentage_error_skips_weeks_without_purchases():
    assert percentage_error(np.array([11.0, 3.0, 8.0]), np.array([10.0, 0.0, 10.0])) == pytest.approx(0.15, rel=1e-15)
    assert percentage_error(np.ones(2), np.zeros(2)) is None
    assert percentage_error(np.array([np.nan, 1.0]), np.ones(2)) is None


def test_frequencies_from_seven_on_are_one_group():
    table = frequency_table(np.array([0.0, 0.0, 7.0, 30.0]), {"mean": np.array([1.0, 2.0, 3.0, 5.0])})
    assert table["frequency"].to_list() == list(range(8))
    assert table["customers"].to_list() == [2, 0, 0, 0, 0, 0, 0, 2]
    assert table["mean"].to_list() == [1.5, *[None] * 6, 4.0]


def test_deciles_of_distinct_probabilities_are_tenths():
    rng = np.random.default_rng(0)
    p = rng.permutation(np.linspace(0.0, 1.0, 200))
    happened = p > 0.5
    table = decile_table(p, happened)
    assert table["customers"].to_list() == [20] * 10
    assert table["share_bought"].to_list() == [0.0] * 5 + [1.0] * 5
    assert table["share_low"].to_list() == pytest.approx([0.0] * 5 + [0.83887] * 5, abs=1e-5)  # Wilson, 20 of 20
    assert table["share_high"].to_list() == pytest.approx([1 - 0.83887] * 5 + [1.0] * 5, abs=1e-5)
    assert table["p_purchase"].to_list() == pytest.approx(np.sort(p).reshape(10, 20).mean(axis=1).tolist(), rel=1e-12)


@given(st.lists(st.tuples(few.map(abs), st.booleans()), min_size=1, max_size=60))
@lasting
def test_equal_probabilities_share_a_decile_and_no_customer_is_lost(rows):
    p, happened = columns(rows)
    levels = np.unique(p)
    table = decile_table(p / 3.0, happened)
    assert table["customers"].sum() == p.size
    assert table.filter(pl.col("customers") > 0).height <= levels.size
    assert (table["share_bought"].fill_null(0.0) * table["customers"]).sum() == pytest.approx(happened.sum(), rel=1e-12)
