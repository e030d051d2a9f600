"""The rhythm of a customer: how long until the next purchase."""

from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from whalecurve.engine.segments.rhythm import MOST_DAYS, PERCENTS, Rhythm, is_past
from whalecurve.engine.statistics.survival import kaplan_meier

AS_OF = date(2024, 12, 31)
NOBODY = Rhythm(days=None)


def customers(*rows):
    """Customers of (purchase days, days from first to last, days since)."""
    last = [None if since is None else AS_OF - timedelta(days=since) for _, _, since in rows]
    first = [None if day is None else day - timedelta(days=span) for day, (_, span, _) in zip(last, rows, strict=True)]
    return pl.DataFrame(
        {
            "n_purchase_days": pl.Series([n for n, _, _ in rows], dtype=pl.UInt32),
            "first_purchase": pl.Series(first, dtype=pl.Date),
            "last_purchase": pl.Series(last, dtype=pl.Date),
            "days_since_last": pl.Series([since for _, _, since in rows], dtype=pl.Int32),
        }
    )


def not_back(rhythm, k, span, days):
    """The share of gaps that are longer than so many days, in fractions."""
    everybody = 1 - Fraction(sum(day <= days for day in rhythm.days), 100)
    own = Fraction(span, span + days) ** k if k else 0
    return (k * own + 3 * everybody) / (k + 3)


days_of_everybody = st.lists(st.integers(1, 300), min_size=99, max_size=99).map(lambda days: tuple(sorted(days)))
histories = st.integers(0, 40).flatmap(lambda k: st.tuples(st.just(k), st.integers(k, 600) if k else st.just(0)))
shares = st.sampled_from([0.01, 0.5, 0.8, 0.9, 0.95, 0.99])


@settings(deadline=None, max_examples=150)
@given(days_of_everybody, histories, shares)
def test_a_point_is_the_first_day_by_which_that_share_of_gaps_is_over(days, history, share):
    (k, span), rhythm, left = history, Rhythm(days=days), 1 - Fraction(str(share))
    point = rhythm.point(customers((k + 1, span, 0)), share).item()
    assert not_back(rhythm, k, span, point) <= left + Fraction(1, 10**12)
    assert point == 0 or not_back(rhythm, k, span, point - 1) > left - Fraction(1, 10**12)


@settings(deadline=None, max_examples=150)
@given(days_of_everybody, st.lists(st.tuples(histories, st.integers(0, 900)), min_size=1, max_size=9), shares)
def test_a_silence_is_past_a_point_from_the_day_after_it(days, rows, share):
    rhythm, known = Rhythm(days=days), customers(*((k + 1, span, since) for (k, span), since in rows))
    points = known.with_columns(rhythm.not_back(), point=rhythm.point(known, share))
    found = points.select(past=is_past(share), point="point", since="days_since_last")
    assert found["past"].to_list() == [since > point for _, point, since in found.rows()]


@settings(deadline=None, max_examples=100)
@given(days_of_everybody, histories, st.integers(0, 400))
def test_the_next_day_is_the_first_by_which_half_of_such_silences_are_over(days, history, since):
    (k, span), rhythm = history, Rhythm(days=days)
    days = rhythm.next_days(customers((k + 1, span, since))).row(0, named=True)
    for name, share in (("half", Fraction(1, 2)), ("quarter", Fraction(3, 4)), ("three_quarters", Fraction(1, 4))):
        day, left = days[name], not_back(rhythm, k, span, since) * share
        if day is None:
            is_told = name == "half" or (k > 3 and days["half"] is not None)
            assert not is_told or not_back(rhythm, k, span, since + MOST_DAYS) > left - Fraction(1, 10**12)
            continue
        assert name == "half" or k > 3
        assert since < day <= since + MOST_DAYS
        assert not_back(rhythm, k, span, day) <= left + Fraction(1, 10**12)
        assert not_back(rhythm, k, span, day - 1) > left - Fraction(1, 10**12)


@settings(deadline=None, max_examples=60)
@given(days_of_everybody, histories, st.lists(st.integers(0, 900), min_size=2, max_size=8))
def test_a_longer_silence_is_never_less_far_past_the_rhythm(days, history, silences):
    (k, span), ordered = history, sorted(silences)
    known = customers(*((k + 1, span, since) for since in ordered))
    left = known.select(Rhythm(days=days).not_back()).to_series().to_list()
    assert left == sorted(left, reverse=True)
    assert all(0.0 < share <= 1.0 for share in left)


def test_an_interval_is_told_of_customers_with_more_than_three_gaps():
    """Of gaps that are all alike: half of those longer than none are over on day 20, whatever the share."""
    rhythm = Rhythm(days=(20,) * 99)
    days = rhythm.next_days(customers((1, 0, 0), (4, 60, 0), (5, 80, 0), (0, 0, None)))
    assert days["half"].is_not_null().to_list() == [True, True, True, False]
    assert days["quarter"].is_not_null().to_list() == days["three_quarters"].is_not_null().to_list()
    assert days["quarter"].is_not_null().to_list() == [False, False, True, False]


def test_a_day_more_than_ten_years_away_is_none():
    rhythm = Rhythm(days=(1,) * 99)  # beyond a day S(t) = s / (s + t) / 4 + 3/4 x .01, with one gap of s = 1,000 days
    days = rhythm.next_days(customers((2, 1_000, 2_000), (2, 1_000, 2_100)))["half"]
    assert days.to_list() == [5_594, None]  # t = s / (s / 2 (s + silence) - .015) - s: 3,593.4 on, and 3,735.7


def test_with_one_purchase_day_the_rhythm_is_everybodys():
    rhythm = Rhythm(days=tuple(PERCENTS))
    known = customers((1, 0, 0))
    assert [rhythm.point(known, share).item() for share in (0.01, 0.8, 0.95, 0.99)] == [1, 80, 95, 99]


def test_with_many_gaps_it_is_the_customers_own():
    rhythm = Rhythm(days=(30,) * 99)
    known = customers((1001, 10_000, 0), (1001, 100_000, 0))
    assert rhythm.point(known, 0.8).to_list() == [17, 161]  # 1.61 gaps of 10 and of 100 days, for exponential gaps
    assert rhythm.point(known, 0.95).to_list() == [30, 300]  # 3.00 gaps; everybody's ends on day 30


def test_those_who_are_never_followed_are_no_part_of_everybodys_rhythm():
    gaps, is_open = np.bincount([10, 20], [60, 40]), np.bincount([500], [900])
    days = Rhythm.of(kaplan_meier(gaps.astype(np.int64), is_open.astype(np.int64))).days
    assert days == (10,) * 60 + (20,) * 39


def test_open_gaps_that_are_short_make_the_long_ones_more_frequent():
    gaps, is_open = np.bincount([10, 20], [50, 50]).astype(np.int64), np.bincount([15], [25]).astype(np.int64)
    days = Rhythm.of(kaplan_meier(gaps, is_open)).days  # of 125, 50 within 10 days: 40 %; the rest on day 20
    assert days == (10,) * 40 + (20,) * 59


def test_where_nobody_came_back_only_one_point_is_guessed():
    assert Rhythm.of(kaplan_meier(np.zeros(0, np.int64), np.array([0, 3, 2]))) == NOBODY
    assert [NOBODY.point(customers((1, 0, 0)), share).item() for share in (0.8, 0.81, 0.95)] == [90, None, None]


def test_without_a_purchase_there_is_no_rhythm():
    known = customers((0, 0, None), (1, 0, 4))
    assert NOBODY.point(known, 0.8).to_list() == [None, 90]
    assert known.with_columns(NOBODY.not_back()).select(is_past(0.8)).to_series().to_list() == [None, False]


def test_nobody_has_points_of_the_same_type():
    assert Rhythm(days=(5,) * 99).point(customers().clear(), 0.9).dtype == pl.Int64
