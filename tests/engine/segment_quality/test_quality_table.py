"""A dozen customers in two segments, worked out by hand, and more of them against sums in fractions."""

from datetime import date, timedelta
from fractions import Fraction
from statistics import fmean, pstdev, pvariance

import numpy as np
import polars as pl
import pytest

from whalecurve.engine.segment_quality import QualitySums, quality_of

SEGMENTS, TIERS = pl.Enum(["Big", "Small", "Empty"]), pl.Enum(["high", "low"])

# Big: 10 20 30 40 of clv 1 1 1 1; Small: 1 1 1 1 1 1 7 of clv 0 and 7; one never bought, and has no segment.
VALUES = [10.0, 20.0, 30.0, 40.0, *[1.0] * 6, 7.0, 500.0]
CLV = [1.0] * 4 + [0.0] * 6 + [7.0, None]
DAYS = [11, 21, 31, 41, *[0] * 6, 9, None]  # first to last purchase day
PURCHASE_DAYS = [2, 3, 4, 5, *[1] * 6, 3, 0]  # gaps: 11, 10.5, 31 / 3, 10.25, none, 4.5


def customers():
    start = date(2024, 1, 1)
    return pl.DataFrame(
        {
            "rfm_segment": pl.Series(["Big"] * 4 + ["Small"] * 7 + [None], dtype=SEGMENTS),
            "clv_tier": pl.Series(["high"] * 2 + ["low"] * 8 + ["high", None], dtype=TIERS),
            "r_score": pl.Series([1, 1, 2, 2, *[1] * 6, 2, None], dtype=pl.UInt8),
            "value": VALUES,
            "clv": CLV,
            "n_purchase_days": pl.Series(PURCHASE_DAYS, dtype=pl.UInt32),
            "first_purchase": [None if days is None else start for days in DAYS],
            "last_purchase": [None if days is None else start + timedelta(days=days) for days in DAYS],
        }
    )


def judged(*batches, largest=500.0):
    sums = QualitySums(largest, bins=2)
    for batch in batches:
        sums.add(batch)
    return quality_of(sums)


def test_a_dozen_is_as_worked_out_by_hand():
    whole, big, small = judged(customers()).filter(scheme="rfm").to_dicts()
    assert (whole["segment"], whole["customers"], big["customers"], small["customers"]) == (None, 11, 4, 7)
    assert (big["value_mean"], small["value_mean"]) == (25.0, 13 / 7)
    # Scatter of value: Big 225 + 25 + 25 + 225 = 500, Small 6 (6/7)² + (36/7)² = 216/7; of all 3055 - 113²/11.
    scatter = 3055 - Fraction(113**2, 11)
    assert big["value_deviation"] == pytest.approx(125**0.5, rel=1e-15)
    assert whole["value_within"] == pytest.approx(float((500 + Fraction(216, 7)) / scatter), rel=1e-14)
    assert big["value_within"] == pytest.approx(float(Fraction(500, 4) / (scatter / 11)), rel=1e-14)
    assert big["value_spread"] == pytest.approx((125**0.5 / 25) / (float(scatter / 11) ** 0.5 / (113 / 11)), rel=1e-14)
    assert (big["customer_share"], small["customer_share"]) == (4 / 11, 7 / 11)


def test_clv_and_gaps_are_judged_alike_of_those_who_have_them():
    whole, big, small = judged(customers()).filter(scheme="rfm").to_dicts()
    # CLV: 1 four times, 0 six times and 7: 11 in all; scatter of Small 6 + 36 = 42, of all 53 - 121/11 = 42.
    assert (whole["clv_mean"], big["clv_mean"], small["clv_mean"]) == (1.0, 1.0, 1.0)
    assert (big["clv_deviation"], big["clv_within"], big["clv_spread"]) == (0.0, 0.0, 0.0)
    assert (small["clv_deviation"], whole["clv_within"]) == (pytest.approx(6**0.5, rel=1e-15), 1.0)
    assert small["clv_spread"] == pytest.approx((6 / (42 / 11)) ** 0.5, rel=1e-15)
    gaps = [11, 10.5, 31 / 3, 10.25, 4.5]  # the others have bought on one day
    assert big["gap_mean"] == pytest.approx(fmean(gaps[:4]), rel=1e-12)
    assert big["gap_deviation"] == pytest.approx(pstdev(gaps[:4]), rel=1e-9)
    assert (small["gap_mean"], small["gap_deviation"], small["gap_within"]) == (4.5, 0.0, 0.0)
    assert whole["gap_within"] == pytest.approx(4 * pvariance(gaps[:4]) / (5 * pvariance(gaps)), rel=1e-9)
    relative = (pstdev(gaps[:4]) / fmean(gaps[:4])) / (pstdev(gaps) / fmean(gaps))
    assert big["gap_spread"] == pytest.approx(relative, rel=1e-9)


def test_the_split_that_takes_most_is_told_beyond_chance():
    _, big, small = judged(customers()).filter(scheme="rfm").to_dicts()
    # Big by R, and by CLV tier: {10, 20} and {30, 40}, scatter 50 + 50 of 500; 1 - (100 / 2) / (500 / 3).
    assert (big["split_by"], big["split_share"]) == ("r_score", pytest.approx(0.7, rel=1e-14))
    # Small by R: {1 six times} and {7}: all of it.
    assert (small["split_by"], small["split_share"]) == ("r_score", 1.0)


def test_schemes_without_candidates_have_no_split_and_tiers_a_row_each():
    whole, high, low = judged(customers()).filter(scheme="clv_tier").to_dicts()
    assert [row["customers"] for row in (whole, high, low)] == [11, 3, 8]
    assert high["split_by"] is None


def test_batches_and_the_order_of_customers_change_nothing():
    table = customers()
    shuffled = table.sample(fraction=1.0, shuffle=True, seed=1)
    assert judged(shuffled[:5], shuffled[5:6], shuffled[6:]).equals(judged(table))


def test_sums_are_exact_where_floats_are_not():
    rng = np.random.default_rng(5)
    values = np.concatenate([rng.lognormal(3.0, 2.0, 3000), [9e12, -9e12, 1e-6]])
    n = len(values)
    names = np.where(rng.random(n) < 0.5, "Big", "Small")
    table = pl.DataFrame(
        {
            "rfm_segment": pl.Series(names, dtype=SEGMENTS),
            "value": values,
            "clv": values / 3.0,
            "n_purchase_days": pl.Series([1] * n, dtype=pl.UInt32),
            "first_purchase": [date(2024, 1, 1)] * n,
            "last_purchase": [date(2024, 1, 1)] * n,
        }
    )
    for row in judged(table, largest=9e12).to_dicts():
        own = values if row["segment"] is None else values[names == row["segment"]]
        exact = [Fraction(float(value)) for value in own]
        assert row["value_deviation"] == pytest.approx(float(pvariance(exact)) ** 0.5, rel=1e-12)
        assert row["value_mean"] == pytest.approx(float(sum(exact) / len(exact)), abs=1e-3)
        assert row["gap_mean"] is None


def test_nobody_makes_an_empty_table():
    assert judged().height == 0
    assert judged(customers().clear()).height == 0
