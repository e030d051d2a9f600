import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from whalecurve.engine.errors import InputError
from whalecurve.engine.rfm.scores import Thresholds, rfm_thresholds, with_rfm

SCORES = ["r_score", "f_score", "m_score", "rfm_score"]


def frame(days, purchases, values):
    return pl.DataFrame(
        {"days_since_last": days, "n_purchase_days": purchases, "value": values},
        schema={"days_since_last": pl.Int32, "n_purchase_days": pl.UInt32, "value": pl.Float64},
    ).with_row_index("customer_id")


# Twelve customers and one with returns only. Below, 5 worse / 12 as worked out by hand:
# R  400 0  365 .4  200 .8  90 1.25  30 (three) 1.7  20 2.9  10 3.3  3 (two) 3.8  0 4.6
# F  1 (six) 0  2 (three) 2.5  3 (two) 3.75  7 4.6
# M  1 0  2 (two) .4  5 (three) 1.25  8 2.5  9 2.9  10 (four) 3.3
DOZEN = frame(
    [0, 3, 3, 10, 20, 30, 30, 30, 90, 200, 365, 400, None],
    [7, 3, 2, 1, 3, 2, 1, 1, 2, 1, 1, 1, 0],
    [10.0, 10.0, 5.0, 9.0, 10.0, 8.0, 5.0, 2.0, 10.0, 5.0, 2.0, 1.0, -50.0],
)
R_BY_HAND = [5, 4, 4, 4, 3, 2, 2, 2, 2, 1, 1, 1, None]
F_BY_HAND = [5, 4, 3, 1, 4, 3, 1, 1, 3, 1, 1, 1, None]
M_BY_HAND = [4, 4, 2, 3, 4, 3, 2, 1, 4, 2, 1, 1, None]


def score(customers, bins=5, engine="streaming"):
    return with_rfm(customers.lazy(), rfm_thresholds(customers, bins)).collect(engine=engine)


def test_a_dozen_customers_have_the_thresholds_worked_out_by_hand():
    assert rfm_thresholds(DOZEN) == Thresholds(
        bins=5, days_since_last=(90, 20, 10, 0), n_purchase_days=(2, 2, 3, 7), value=(5.0, 8.0, 10.0, None)
    )


@pytest.mark.parametrize("engine", ["streaming", "in-memory"])
def test_a_dozen_customers_have_the_scores_worked_out_by_hand(engine):
    scored = score(DOZEN, engine=engine)
    assert scored["r_score"].to_list() == R_BY_HAND
    assert scored["f_score"].to_list() == F_BY_HAND
    assert scored["m_score"].to_list() == M_BY_HAND
    assert scored["rfm_score"].to_list()[:3] == ["554", "444", "432"]
    assert scored["rfm_score"].to_list()[-1] is None


def test_scores_are_small_integers_and_the_other_columns_stay():
    scored = score(DOZEN)
    assert scored.select(SCORES).dtypes == [pl.UInt8, pl.UInt8, pl.UInt8, pl.String]
    assert_frame_equal(scored.drop(SCORES), DOZEN)


def test_ten_scores_are_joined_with_hyphens():
    assert score(DOZEN, bins=10)["rfm_score"].to_list()[:3] == ["10-10-7", "8-8-7", "8-6-3"]
    assert score(DOZEN, bins=9)["rfm_score"].to_list()[0] == "997"  # 9 x 11 / 12 = 8.25 twice; M: 9 x 8 / 12 = 6


def naive(goodness, bins):
    return [1 + bins * sum(w < v for w in goodness) // len(goodness) for v in goodness]


rows = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 6), st.integers(-300, 300).map(lambda cents: cents / 100)),
    min_size=1,
    max_size=30,
)


@settings(max_examples=40, deadline=None)
@given(rows, st.integers(2, 10), st.integers(0, 3))
def test_scores_are_those_of_the_definition_whoever_returned_everything(histories, bins, n_returns_only):
    days, purchases, values = map(list, zip(*histories, strict=True))
    outside = [None] * n_returns_only
    customers = frame(days + outside, purchases + [0] * n_returns_only, values + [99.0] * n_returns_only)
    scored = score(customers, bins, engine="in-memory")
    assert scored["r_score"].to_list() == naive([-d for d in days], bins) + outside
    assert scored["f_score"].to_list() == naive(purchases, bins) + outside
    assert scored["m_score"].to_list() == naive(values, bins) + outside


@settings(max_examples=20, deadline=None)
@given(rows, st.integers(0, 1000))
def test_the_order_of_rows_does_not_matter(histories, seed):
    days, purchases, values = map(list, zip(*histories, strict=True))
    customers = frame(days, purchases, values)
    shuffled = customers.sample(fraction=1.0, shuffle=True, seed=seed)
    assert rfm_thresholds(shuffled) == rfm_thresholds(customers)
    assert_frame_equal(score(shuffled, engine="in-memory").sort("customer_id"), score(customers, engine="in-memory"))


@settings(max_examples=20, deadline=None)
@given(rows, st.integers(2, 10), rows)
def test_scores_counted_from_histograms_are_those_of_the_customers(histories, bins, newcomers):
    thresholds = rfm_thresholds(frame(*map(list, zip(*histories, strict=True))), bins)
    days, purchases, values = map(list, zip(*newcomers, strict=True))
    customers = with_rfm(frame(days, purchases, values).lazy(), thresholds).collect()
    counts = thresholds.counts(np.bincount(days), np.bincount(purchases), np.array(values))
    for name in SCORES[:3]:
        assert counts[name] == [customers[name].to_list().count(score) for score in range(1, bins + 1)]


def test_saved_thresholds_give_the_same_scores():
    saved = json.loads(json.dumps(rfm_thresholds(DOZEN).to_dict()))
    again = with_rfm(DOZEN.lazy(), Thresholds.from_dict(saved)).collect()
    assert_frame_equal(again, score(DOZEN))


def test_saved_thresholds_score_customers_never_seen():
    newcomers = frame([0, 201, 4], [100, 1, 2], [1e9, -5.0, 8.999])
    scored = with_rfm(newcomers.lazy(), rfm_thresholds(DOZEN)).collect()
    assert scored["rfm_score"].to_list() == ["554", "111", "433"]


def test_a_score_that_nobody_reaches_has_no_threshold():
    alike = frame([7, 7, 3], [2, 2, 2], [4.0, 4.0, 4.0])  # R: 5 x 2 / 3 = 3.3 for 3 days; else nobody is worse
    found = rfm_thresholds(alike)
    assert found.days_since_last == (3, 3, 3, None)
    assert found.n_purchase_days == (None, None, None, None)
    assert found.value == (None, None, None, None)
    assert Thresholds.from_dict(json.loads(json.dumps(found.to_dict()))) == found
    assert score(alike)["rfm_score"].to_list() == ["111", "111", "411"]


@pytest.mark.parametrize("n_one_time", [7, 41, 90])
def test_one_time_buyers_score_one_for_purchases_however_many_they_are(n_one_time):
    customers = frame(range(100), [1] * n_one_time + [2] * (100 - n_one_time), [9.0] * 100)
    assert score(customers)["f_score"].to_list()[:n_one_time] == [1] * n_one_time


def test_without_any_purchase_there_are_no_scores():
    returns_only = frame([None, None], [0, 0], [-1.0, -2.0])
    assert rfm_thresholds(returns_only).value == (None,) * 4
    assert score(returns_only)["rfm_score"].to_list() == [None, None]
    assert score(returns_only.clear())["rfm_score"].to_list() == []


@pytest.mark.parametrize("bins", [0, 1, 11])
def test_bins_out_of_range_are_refused(bins):
    with pytest.raises(InputError, match=rf"rfm_bins={bins} is out of range; choose 2 to 10"):
        rfm_thresholds(DOZEN, bins)


GOOD = {"bins": 3, "days_since_last": [90, 30], "n_purchase_days": [2, None], "value": [5, 10.5]}


def test_hand_written_thresholds_may_use_whole_amounts():
    assert Thresholds.from_dict(GOOD).value == (5.0, 10.5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bins": 4}, "days_since_last has 2 cut-offs, expected 3 for 4 scores"),
        ({"bins": True}, "bins is True, expected a whole number"),
        ({"bins": 1}, "rfm_bins=1 is out of range"),
        ({"value": 5.0}, "value is 5.0, expected a list"),
        ({"value": [1.0, "2"]}, "value has '2', expected a finite number"),
        ({"value": [1.0, float("inf")]}, "value has inf, expected a finite number"),
        ({"n_purchase_days": [1, 2.5]}, "n_purchase_days has 2.5, expected a whole number"),
        ({"days_since_last": [30, 90]}, "days_since_last has 90 for score 3 after 30; order the cut-offs"),
        ({"value": [2.0, 1.0]}, "value has 1 for score 3 after 2; order the cut-offs"),
        ({"n_purchase_days": [None, 2]}, "n_purchase_days has 2 for score 3 after none"),
    ],
)
def test_thresholds_that_cannot_be_used_are_refused(change, message):
    with pytest.raises(InputError) as refusal:
        Thresholds.from_dict(GOOD | change)
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_missing_thresholds_are_named():
    with pytest.raises(InputError, match="no n_purchase_days, value; pass the thresholds of a model"):
        Thresholds.from_dict({"bins": 5, "days_since_last": []})
