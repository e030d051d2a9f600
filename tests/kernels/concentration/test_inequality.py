import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numba import njit

from whalecurve.kernels.concentration import curves as concentration
from whalecurve.kernels.concentration import inequality as kernel

MEASURES = (kernel.herfindahl, kernel.theil, kernel.hoover, kernel.palma)
RULE = math.log(5.0) / math.log(4.0)  # the tail exponent of 80/20: (1/5)^(1 - 1/alpha) = 4/5

whole = st.lists(st.integers(0, 1000), min_size=1, max_size=40)
cents = st.lists(st.integers(0, 10**9).map(lambda n: n / 100), min_size=1, max_size=40)
mpmath.mp.dps = 50


def ascending(values):
    return np.sort(np.array(values, dtype=np.float64))


def exact_theil(values):
    """The definition, in fifty digits."""
    mean = mpmath.fsum(values) / len(values)
    return mpmath.fsum(v / mean * mpmath.log(v / mean) for v in map(mpmath.mpf, values) if v > 0) / len(values)


def exact_part(values, p, best):
    """Sum of the first p·n of exact values from either end, the fractional one in proportion."""
    ordered, left, amount = sorted(map(Fraction, values), reverse=best), p * len(values), Fraction(0)
    for value in ordered:
        amount += value * max(min(left, Fraction(1)), Fraction(0))
        left -= 1
    return amount


@settings(max_examples=80, deadline=None)
@given(cents)
def test_herfindahl_and_hoover_are_their_definitions(values):
    exact = [Fraction(v) for v in values]
    total, n = sum(exact), len(exact)
    assume(total > 0)
    assert kernel.herfindahl(ascending(values)) == pytest.approx(float(sum((v / total) ** 2 for v in exact)), rel=1e-12)
    moved = sum(abs(v - total / n) for v in exact) / (2 * total)
    # the mean is rounded, which moves every difference by as much
    assert kernel.hoover(ascending(values)) == pytest.approx(float(moved), rel=1e-12, abs=1e-15)


@settings(max_examples=80, deadline=None)
@given(cents)
def test_theil_is_its_definition_in_fifty_digits(values):
    assume(sum(values) > 0)
    # equal values leave the rounding of their mean, squared
    assert kernel.theil(ascending(values)) == pytest.approx(float(exact_theil(values)), rel=1e-12, abs=1e-30)


@settings(max_examples=80, deadline=None)
@given(whole)
def test_palma_is_the_best_tenth_over_the_last_four_tenths(values):
    bottom = exact_part(values, Fraction(4, 10), best=False)
    found = kernel.palma(ascending(values))
    if bottom == 0:
        # 0.4 is a rounded fraction: the part of a value that it moves is not quite nothing
        assert math.isnan(found) or found > 1e12
        return
    ratio = float(exact_part(values, Fraction(1, 10), best=True) / bottom)
    assert found == pytest.approx(ratio, rel=1e-12)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(-100, 10**9).map(lambda n: n / 100), max_size=80))
def test_the_tail_exponent_is_that_of_the_values_above_the_90th_percentile(values):
    array = ascending(values)
    start = kernel.tail_start(array)
    found = kernel.tail_exponent(array, start)
    if not values:
        assert start == 0
        assert math.isnan(found)
        return
    percentile = next(v for v in sorted(values) if 10 * sum(w <= v for w in values) >= 9 * len(values))
    tail = [v for v in values if v > percentile]
    assert len(array) - start == len(tail)
    if percentile <= 0 or len(tail) < 2:
        assert math.isnan(found)
        return
    logs = mpmath.fsum(mpmath.log(mpmath.mpf(v) / percentile) for v in tail)
    assert found == pytest.approx(float(len(tail) / logs), rel=1e-12)


def test_a_tail_so_flat_that_logarithms_lose_it_keeps_its_digits():
    values = np.append(np.full(90, 1e6), 1e6 + np.arange(1.0, 11.0) * 2.0**-20)
    logs = mpmath.fsum(mpmath.log(mpmath.mpf(v) / mpmath.mpf(10**6)) for v in values[90:])
    assert kernel.tail_exponent(values, kernel.tail_start(values)) == pytest.approx(float(10 / logs), rel=1e-12)


def test_the_80_20_rule_is_a_tail_exponent_of_1_161():
    n = 1_000_000
    values = (1.0 - (np.arange(n) + 0.5) / n) ** (-1.0 / RULE)  # every quantile of the distribution once
    start = kernel.tail_start(values)
    assert round(RULE, 3) == 1.161
    assert round(1.0 / (2.0 * RULE - 1.0), 4) == 0.7565  # its Gini coefficient
    assert n - start == 100_000
    # a mean of logarithms over 100,000 steps, against their integral
    assert kernel.tail_exponent(values, start) == pytest.approx(RULE, rel=1e-4)
    # the best 1 in 2n, which no quantile reaches, have (1 / 2n)^(1 - 1/alpha) = 13 % of everything
    assert concentration.top_share(values, 0.2) == pytest.approx(0.8, abs=0.05)


def test_samples_of_a_pareto_tail_give_its_exponent_within_the_standard_error():
    values = np.sort(np.random.default_rng(5).pareto(2.5, 200_000) + 1.0)
    start = kernel.tail_start(values)
    alpha = kernel.tail_exponent(values, start)
    assert abs(alpha - 2.5) < 3.0 * alpha / math.sqrt(values.size - start)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 10**6)), min_size=1, max_size=40))
def test_theil_is_what_lies_between_groups_and_within_them(rows):
    assume(any(value for _, value in rows))
    groups = [sorted(float(v) for g, v in rows if g == group) for group in sorted({g for g, _ in rows})]
    between, within = kernel.theil_split(np.concatenate(groups), np.cumsum([len(group) for group in groups]))
    total = kernel.theil(ascending([value for _, value in rows]))
    assert between >= 0.0
    assert within >= 0.0
    assert between + within == pytest.approx(total, rel=1e-12, abs=1e-15)
    means = [sum(group) / len(group) for group in groups for _ in group]
    assert between == pytest.approx(float(exact_theil(means)), rel=1e-12, abs=1e-15)


def test_one_group_has_everything_within_and_groups_of_one_have_everything_between():
    values = np.array([1.0, 2.0, 4.0])
    total = kernel.theil(values)
    assert kernel.theil_split(values, np.array([3])) == (0.0, total)
    assert kernel.theil_split(values, np.array([1, 2, 3])) == (pytest.approx(total, rel=1e-12), 0.0)


@settings(max_examples=50, deadline=None)
@given(cents)
def test_measures_keep_their_bounds(values):
    assume(sum(values) > 0)
    array, n = ascending(values), len(values)
    assert 1.0 / n * (1 - 1e-12) <= kernel.herfindahl(array) <= 1.0 + 1e-12
    assert 0.0 <= kernel.theil(array) <= math.log(n) * (1 + 1e-12)
    assert 0.0 <= kernel.hoover(array) <= 1.0 - 1.0 / n + 1e-12
    palma = kernel.palma(array)
    assert math.isnan(palma) or palma >= 0.25 * (1 - 1e-12)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.0, 1e9).filter(lambda v: v == 0 or v > 1e-9), min_size=1), st.integers(-8, 8))
def test_money_in_other_units_has_the_same_inequality(values, exponent):
    array, factor = ascending(values), 2.0**exponent
    for measure in MEASURES:
        np.testing.assert_array_equal(measure(array * factor), measure(array))
    start = kernel.tail_start(array)
    assert kernel.tail_start(array * factor) == start
    np.testing.assert_array_equal(kernel.tail_exponent(array * factor, start), kernel.tail_exponent(array, start))


@settings(max_examples=30, deadline=None)
@given(whole)
def test_everybody_twice_changes_the_index_by_half_and_nothing_else(values):
    assume(sum(values) > 0)
    once, twice = ascending(values), ascending(values * 2)
    assert kernel.herfindahl(twice) == pytest.approx(kernel.herfindahl(once) / 2, rel=1e-12)
    for measure in (kernel.theil, kernel.hoover):
        assert measure(twice) == pytest.approx(measure(once), rel=1e-12, abs=1e-30)


def test_equal_values_have_no_inequality():
    values = np.full(1000, 0.1)
    assert kernel.herfindahl(values) == pytest.approx(1e-3, rel=1e-12)
    assert kernel.theil(values) == pytest.approx(0.0, abs=1e-30)
    assert kernel.hoover(values) == pytest.approx(0.0, abs=1e-15)
    assert kernel.palma(values) == pytest.approx(0.25, rel=1e-12)
    assert math.isnan(kernel.tail_exponent(values, kernel.tail_start(values)))


def test_nearly_equal_values_keep_the_digits_of_theil():
    values = 1e6 + np.arange(10.0) * 2.0**-10
    # the mean is rounded to 1e-16 of itself, the values differ by 1e-9 of it
    assert kernel.theil(values) == pytest.approx(float(exact_theil(values.tolist())), rel=1e-12)


def test_one_who_has_everything_is_as_unequal_as_can_be():
    values = np.append(np.zeros(9), 7.0)
    assert kernel.herfindahl(values) == 1.0
    assert kernel.theil(values) == pytest.approx(math.log(10.0), rel=1e-12)
    assert kernel.hoover(values) == pytest.approx(0.9, rel=1e-12)
    assert math.isnan(kernel.palma(values))


@pytest.mark.parametrize("values", [[], [0.0, 0.0], [-1.0, 5.0], [-3.0, 1.0], [1.0, math.nan]])
def test_what_is_no_share_of_a_whole_is_nan(values):
    for measure in MEASURES:
        assert math.isnan(measure(np.array(values)))
    if values:
        between, within = kernel.theil_split(np.array(values), np.array([1, 2]))
        assert math.isnan(between)
        assert math.isnan(within)


def test_losses_below_the_tail_leave_its_exponent():
    values = np.concatenate([np.full(10, -5.0), np.linspace(1.0, 9.0, 90)])
    assert kernel.tail_exponent(values, kernel.tail_start(values)) > 0.0
    assert math.isnan(kernel.herfindahl(values))


def test_other_compiled_code_can_call_the_kernels():
    measure = kernel.theil

    @njit
    def caller(values):
        return measure(values)

    assert caller(np.array([1.0, 3.0])) == kernel.theil(np.array([1.0, 3.0]))
