"""Lift of shares: against the formulas of the literature, and limits."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

from whalecurve.engine import Profiling
from whalecurve.engine.profiling.shares import SCHEMA, of_customers, of_sums
from whalecurve.engine.statistics.clustered_ratios import RatioSums

ASKED = Profiling(min_customers=1)


def sums(y, x):
    y, x = np.asarray(y, dtype=float), np.asarray(x, dtype=float)
    return RatioSums(y=np.array([y.sum()]), x=np.array([x.sum()]), yy=np.array([y @ y]), yx=np.array([y @ x]),
                xx=np.array([x @ x]))  # fmt: skip


def rows(own, rest, asked=ASKED):
    """Of one value, from (y, x) of each customer."""
    values = pl.DataFrame({"value": ["v"], "n_segment": [len(own[0])], "n_base": [len(own[0]) + len(rest[0])]})
    every = [np.concatenate([a, b]) for a, b in zip(own, rest, strict=True)]
    return of_sums(values, sums(*own), sums(*every), asked).row(0, named=True)


def test_where_each_customer_counts_once_the_interval_is_that_of_a_ratio_of_probabilities():
    """Katz et al. (1978) without continuity correction; t and n / (n - 1) for what is estimated."""
    a, m, b, n = 30, 80, 50, 300
    row = rows((np.arange(m) < a, np.ones(m)), (np.arange(n) < b, np.ones(n)))
    spread = np.sqrt((1 / a - 1 / m + 1 / b - 1 / n) * m / (m - 1))
    half = stats.t.ppf(0.975, m - 1) * spread
    assert row["lift"] == pytest.approx((a / m) / (b / n), rel=1e-12)
    assert row["lift_low"] == pytest.approx(row["lift"] * np.exp(-half), rel=1e-12)
    assert row["lift_high"] == pytest.approx(row["lift"] * np.exp(half), rel=1e-12)


def test_the_interval_is_as_wide_as_samples_of_customers_scatter():
    rng = np.random.default_rng(1)
    x = rng.poisson(4.0, 400) + 1
    y = rng.binomial(x, rng.beta(2.0, 5.0, 400))
    own, rest = (y[:150], x[:150]), (y[150:], x[150:])
    row = rows(own, rest)
    draws = []
    for _ in range(2_000):
        i, j = rng.integers(0, 150, 150), rng.integers(0, 250, 250)
        draws.append(np.log((own[0][i].sum() / own[1][i].sum()) / (rest[0][j].sum() / rest[1][j].sum())))
    width = np.log(row["lift_high"] / row["lift_low"]) / 2 / 1.98
    assert width == pytest.approx(np.std(draws), rel=0.1)  # of 2,000 draws, and a linear approximation


def test_a_mean_is_a_sum_over_ones():
    row = rows((np.array([3.0, 5.0]), np.ones(2)), (np.array([1.0, 2.0, 3.0]), np.ones(3)))
    assert (row["segment"], row["base"], row["rest"]) == (4.0, 2.8, 2.0)
    assert row["lift"] == 2.0


def test_a_loss_has_no_index_and_no_lift():
    row = rows((np.array([-3.0, 1.0]), np.ones(2)), (np.array([1.0, 2.0, 3.0]), np.ones(3)))
    assert (row["segment"], row["index"], row["lift"], row["lift_low"]) == (-1.0, None, None, None)


def test_nothing_in_the_segment_is_a_lift_of_nothing_without_bound():
    row = rows((np.zeros(4), np.ones(4)), (np.ones(3), np.ones(3)))
    assert (row["index"], row["lift"], row["lift_low"], row["lift_high"]) == (0.0, 0.0, None, None)


def test_marks_are_material_and_significant():
    values = pl.DataFrame({"value": ["a", "b", "c", None], "n_segment": [90, 50, 1, 60], "n_base": [190, 500, 2, 70]})
    found = of_customers(values, 100, 1_000, Profiling())
    assert found["marks"].to_list() == ["more", None, None, None]  # b is as everywhere; c has few; null is no value
    assert found["p_value"].is_null().to_list() == [False, False, True, True]
    assert found.schema == SCHEMA


def test_a_segment_of_everybody_is_compared_with_nobody():
    found = of_customers(pl.DataFrame({"value": ["a"], "n_segment": [40], "n_base": [40]}), 100, 100, Profiling())
    row = found.row(0, named=True)
    assert (row["segment"], row["index"], row["rest"], row["lift"], row["p_value"]) == (0.4, 100.0, None, None, None)
