import math
from fractions import Fraction
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numba import njit

from whalecurve.kernels import concentration as kernel
from whalecurve.kernels.concentration import curves

CHECK = np.sort(np.array([-7.0, -15.0, 11.0, -10.0, 2.0, 4.0, 40.0]))  # Raffinetti, Siletti & Vernizzi (2015)

mixed = st.lists(st.integers(-1000, 1000), min_size=1, max_size=30)
gains = st.lists(st.integers(0, 1000), min_size=1, max_size=30)
shares = st.fractions(0, 1, max_denominator=64)


def ascending(values):
    return np.sort(np.array(values, dtype=np.float64))


def absolute_differences(values):
    exact = [Fraction(v) for v in values]
    return sum(abs(a - b) for a in exact for b in exact)


def best_first_sums(values):
    return [Fraction(0), *accumulate(sorted((Fraction(v) for v in values), reverse=True))]


def test_the_published_example_has_its_published_coefficients():
    assert round(kernel.gini_normalised(CHECK), 3) == 0.700
    assert round(kernel.gini(CHECK), 3) == 2.491


def test_the_80_20_rule_is_a_gini_of_0_7565():
    tail = 1.161
    n = 100_000
    lorenz = 1.0 - (1.0 - np.arange(n + 1) / n) ** (1.0 - 1.0 / tail)
    values = np.diff(lorenz)
    assert kernel.top_share(values, 0.2) == pytest.approx(0.8, abs=1e-4)
    assert kernel.gini(values) == pytest.approx(0.7565, abs=1e-4)


@settings(max_examples=80, deadline=None)
@given(mixed)
def test_both_coefficients_are_the_sums_over_all_pairs(values):
    total, size = sum(values), sum(map(abs, values))
    assume(size > 0)
    pairs = absolute_differences(values) / (2 * len(values))
    assert kernel.gini_normalised(ascending(values)) == pytest.approx(float(pairs / size), rel=1e-12)
    if total > 0:
        assert kernel.gini(ascending(values)) == pytest.approx(float(pairs / total), rel=1e-12)
    else:
        assert math.isnan(kernel.gini(ascending(values)))


@settings(max_examples=50, deadline=None)
@given(gains)
def test_without_losses_both_are_the_rank_formula(values):
    total, n = sum(values), len(values)
    assume(total > 0)
    weighted = sum(i * v for i, v in enumerate(sorted(values), start=1))
    classic = float(Fraction(2 * weighted, n * total) - Fraction(n + 1, n))
    assert kernel.gini(ascending(values)) == pytest.approx(classic, rel=1e-12)
    assert kernel.gini_normalised(ascending(values)) == kernel.gini(ascending(values))


@settings(max_examples=50, deadline=None)
@given(mixed)
def test_the_normalised_coefficient_stays_between_0_and_1(values):
    coefficient = kernel.gini_normalised(ascending(values))
    assert 0.0 <= coefficient <= 1.0 or not any(values)


def test_nearly_equal_values_keep_all_digits():
    values = 1e6 + np.arange(10.0) * 2.0**-20
    exact = absolute_differences(values) / (2 * 10 * sum(Fraction(v) for v in values))
    assert kernel.gini(values) == pytest.approx(float(exact), rel=1e-12)


def test_equal_values_have_no_inequality():
    assert kernel.gini(np.full(1000, 0.1)) == 0.0


def test_a_single_earner_among_n_has_the_largest_coefficient():
    assert kernel.gini(ascending([0] * 9 + [7])) == pytest.approx(0.9, rel=1e-12)


def test_nothing_to_divide_by_is_nan():
    for values in (np.empty(0), np.zeros(3)):
        assert math.isnan(kernel.gini(values))
        assert math.isnan(kernel.gini_normalised(values))
        assert math.isnan(kernel.top_share(values, 0.2))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1e12, 1e12), max_size=60))
def test_sums_are_as_good_as_exact(values):
    array = ascending(values)
    size = math.fsum(map(abs, values))
    assert curves.total(array) == pytest.approx(math.fsum(values), rel=1e-15, abs=1e-28 * size)
    assert kernel.total_absolute(array) == pytest.approx(size, rel=1e-15)


def test_large_amounts_that_cancel_leave_the_small_one():
    assert curves.total(np.array([-1e16, 1.0, 1e16])) == 1.0


@settings(max_examples=50, deadline=None)
@given(mixed)
def test_the_curves_are_cumulative_sums_from_either_end(values):
    counts = np.arange(len(values) + 1)
    from_the_top = [float(s) for s in best_first_sums(values)]
    assert kernel.whale_curve(ascending(values), counts).tolist() == from_the_top
    from_below = [from_the_top[-1] - s for s in reversed(from_the_top)]
    assert kernel.lorenz_curve(ascending(values), counts).tolist() == from_below


def test_the_curve_can_be_asked_for_single_points_twice_over():
    assert kernel.whale_curve(CHECK, np.array([0, 2, 2, 7])).tolist() == [0.0, 51.0, 51.0, 25.0]


@settings(max_examples=80, deadline=None)
@given(mixed, shares)
def test_the_top_share_takes_the_fractional_customer_in_proportion(values, p):
    sums = best_first_sums(values)
    assume(sums[-1] > 0)
    whole = int(p * len(values))
    rest = (p * len(values) - whole) * (sums[whole + 1] - sums[whole]) if whole < len(values) else 0
    exact = float((sums[whole] + rest) / sums[-1])
    # p is a rounded fraction, which moves the point by n roundings of p at most
    assert kernel.top_share(ascending(values), float(p)) == pytest.approx(exact, rel=1e-12, abs=1e-10)


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan])
def test_a_share_of_customers_beyond_0_and_1_has_no_top(p):
    assert math.isnan(kernel.top_share(CHECK, p))


@settings(max_examples=80, deadline=None)
@given(mixed, st.integers(-3000, 3000))
def test_the_fewest_customers_for_an_amount_are_the_first_to_reach_it(values, amount):
    reached = [k for k, s in enumerate(best_first_sums(values)) if k > 0 and s >= amount]
    assert kernel.customers_for(ascending(values), float(amount), 0.0) == (reached[0] if reached else 0)


def test_slack_lets_decimal_money_meet_a_share_exactly():
    money = ascending([0.7, 0.1, 0.06, 0.05, 0.05, 0.04])
    assert 0.7 + 0.1 < 0.8  # what slack is for
    assert kernel.customers_for(money, 0.8, 0.0) == 3
    assert kernel.customers_for(money, 0.8, 2.0**-50) == 2


@settings(max_examples=50, deadline=None)
@given(mixed)
def test_ranks_share_the_best_and_sums_include_the_whole_tie(values):
    array = np.array(values, dtype=np.float64)
    order = np.argsort(array).astype(np.uint32)
    rank, through = kernel.ranks(array[order], order)
    assert rank.tolist() == [1 + sum(w > v for w in values) for v in values]
    assert through.tolist() == [sum(w for w in values if w >= v) for v in values]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1e9, 1e9).filter(lambda v: v == 0 or abs(v) > 1e-9), min_size=1), st.integers(-8, 8))
def test_money_in_other_units_has_the_same_shape(values, exponent):
    array, factor = ascending(values), 2.0**exponent
    for measure in (kernel.gini, kernel.gini_normalised, lambda y: kernel.top_share(y, 0.2)):
        np.testing.assert_array_equal(measure(array * factor), measure(array))


def test_nan_is_not_hidden():
    broken = np.array([1.0, 2.0, math.nan])
    assert math.isnan(kernel.gini(broken))
    assert math.isnan(curves.total(broken))


def test_other_compiled_code_can_call_the_kernels():
    @njit
    def caller(values):
        return kernel_gini(values)

    kernel_gini = kernel.gini
    assert caller(CHECK) == kernel.gini(CHECK)
