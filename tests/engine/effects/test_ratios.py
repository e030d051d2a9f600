"""Ratios by the delta method, and ratios of estimates."""

import numpy as np
import polars as pl
import pytest
import tea_tasting as tt

from whalecurve.engine.effects import Difference, moments_of, ratio_interval, ratio_mean


def test_the_difference_of_ratios_is_that_of_tea_tasting():
    rng = np.random.default_rng(2)
    n = 900
    orders = rng.poisson(1.2, n)
    table = pl.DataFrame({"stratum": [0] * n, "arm": rng.integers(0, 2, n), "orders": orders})
    table = table.with_columns(revenue=pl.Series((orders * rng.gamma(2.0, 5_000.0, n)).astype(np.int64)))
    sums = moments_of(table, ["revenue", "orders"])
    arms = [ratio_mean(sums.of_arm(arm), 0, 1) for arm in (0, 1)]
    ours = Difference(treated=arms[1], control=arms[0])
    frame = table.select("revenue", "orders", variant="arm")
    theirs = tt.Experiment(ratio=tt.RatioOfMeans("revenue", "orders")).analyze(frame)["ratio"]
    assert ours.control.mean == pytest.approx(theirs.control, rel=1e-12)
    assert ours.estimate == pytest.approx(theirs.effect_size, rel=1e-12)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)


def test_no_ratio_where_nobody_ordered():
    table = pl.DataFrame({"stratum": [0, 0], "arm": [0, 0], "y": [3, 4], "x": [0, 0]})
    assert ratio_mean(moments_of(table, ["y", "x"]).cells[0, 0], 0, 1) is None


def test_the_interval_of_fieller_holds_the_ratio_as_often_as_it_says():
    rng = np.random.default_rng(4)
    a, b = rng.normal(3.0, 1.0, 20_000), rng.normal(5.0, 1.0, 20_000)
    bounds = [ratio_interval(x, y, 1.0, 1.0, 0.0, 1.959963984540054) for x, y in zip(a, b, strict=True)]
    lows, highs = np.array(bounds).T
    is_known = np.isfinite(lows)
    held = (lows[is_known] <= 0.6) & (highs[is_known] >= 0.6)
    assert is_known.mean() > 0.99
    assert held.mean() == pytest.approx(0.95, abs=0.006)


def test_a_denominator_that_may_be_nothing_has_no_interval():
    assert np.isnan(ratio_interval(1.0, 1.0, 1.0, 1.0, 0.0, 1.96)).all()


def test_a_ratio_to_a_known_number_is_the_plain_interval():
    assert ratio_interval(6.0, 2.0, 1.0, 0.0, 0.0, 2.0) == pytest.approx((2.0, 4.0))
