import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from whalecurve.engine.errors import InputError
from whalecurve.engine.rfm.nested import NestedThresholds, nested_thresholds, thresholds_from_dict
from whalecurve.engine.rfm.scores import with_rfm

SCORES = ["r_score", "f_score", "m_score"]

histories = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 6), st.integers(-300, 300).map(lambda cents: cents / 4)),
    min_size=1,
    max_size=40,
)
bins_asked = st.integers(2, 10)


def frame(rows, n_returns_only=0):
    """Customers (days since last, purchase days, value), and some with returns only."""
    return pl.DataFrame(
        [*rows, *[(None, 0, 99.0)] * n_returns_only],
        schema={"days_since_last": pl.Int32, "n_purchase_days": pl.UInt32, "value": pl.Float64},
        orient="row",
    ).with_row_index("customer_id")


def found_in(customers, bins):
    days = customers["days_since_last"].fill_null(0).to_numpy()
    return nested_thresholds(days, customers["n_purchase_days"].to_numpy(), customers["value"].to_numpy(), bins)


def scored(customers, bins, engine="in-memory"):
    return with_rfm(customers.lazy(), found_in(customers, bins)).collect(engine=engine)


def naive_scores(goodness, bins):
    """1 + floor(k w / n), w being how many are strictly worse."""
    return [1 + bins * sum(w < v for w in goodness) // len(goodness) for v in goodness]


def within(groups, goodness, bins):
    """The same, among the members of each group."""
    found = [0] * len(goodness)
    for group in set(groups):
        members = [i for i, one in enumerate(groups) if one == group]
        for i, score in zip(members, naive_scores([goodness[i] for i in members], bins), strict=True):
            found[i] = score
    return found


def naive(rows, bins):
    days, purchases, values = zip(*rows, strict=True)
    r = naive_scores([-d for d in days], bins)
    f = within(r, purchases, bins)
    return r, f, within(list(zip(r, f, strict=True)), values, bins)


@settings(max_examples=60, deadline=None)
@given(histories, bins_asked, st.integers(0, 3))
def test_scores_are_shares_of_those_strictly_worse_within_scores(rows, bins, n_returns_only):
    customers = scored(frame(rows, n_returns_only), bins)
    for name, expected in zip(SCORES, naive(rows, bins), strict=True):
        assert customers[name].to_list() == expected + [None] * n_returns_only


@settings(max_examples=20, deadline=None)
@given(histories, bins_asked, st.integers(0, 1000))
def test_the_order_of_rows_does_not_matter(rows, bins, seed):
    customers = frame(rows, 1)
    shuffled = customers.sample(fraction=1.0, shuffle=True, seed=seed)
    assert found_in(shuffled, bins) == found_in(customers, bins)
    assert_frame_equal(scored(shuffled, bins).sort("customer_id"), scored(customers, bins))


@settings(max_examples=30, deadline=None)
@given(histories, bins_asked)
def test_saved_thresholds_give_the_same_scores(rows, bins):
    customers = frame(rows, 1)
    saved = thresholds_from_dict(json.loads(json.dumps(found_in(customers, bins).to_dict())))
    assert saved == found_in(customers, bins)
    assert_frame_equal(with_rfm(customers.lazy(), saved).collect(), scored(customers, bins))


@settings(max_examples=30, deadline=None)
@given(histories, bins_asked, st.integers(-8, 8))
def test_money_in_other_units_scores_the_same(rows, bins, exponent):
    dearer = [(days, purchases, value * 2.0**exponent) for days, purchases, value in rows]
    assert_frame_equal(scored(frame(dearer), bins).select(SCORES), scored(frame(rows), bins).select(SCORES))


@settings(max_examples=30, deadline=None)
@given(histories, bins_asked)
def test_within_its_group_more_is_never_scored_lower(rows, bins):
    customers = scored(frame(rows), bins)
    for given_scores, value, score in (
        ([], -pl.col("days_since_last"), "r_score"),
        (["r_score"], pl.col("n_purchase_days"), "f_score"),
        (["r_score", "f_score"], pl.col("value"), "m_score"),
    ):
        for _, group in customers.sort(*given_scores, value).group_by(given_scores or pl.lit(1), maintain_order=True):
            assert group[score].is_sorted()


@settings(max_examples=30, deadline=None)
@given(histories, bins_asked)
def test_scores_counted_from_arrays_are_those_of_the_customers(rows, bins):
    customers = frame(rows, 2)
    days = customers["days_since_last"].fill_null(0).to_numpy()
    columns = (days, customers["n_purchase_days"].to_numpy(), customers["value"].to_numpy())
    counts = found_in(customers, bins).counts(*columns)
    for name in SCORES:
        found = scored(customers, bins)[name].to_list()
        assert counts[name] == [found.count(score) for score in range(1, bins + 1)]


def test_both_engines_score_alike():
    rng = np.random.default_rng(5)
    rows = list(zip(rng.integers(0, 300, 500), rng.geometric(0.3, 500), rng.normal(50, 40, 500), strict=True))
    customers = frame([(int(d), int(p), float(v)) for d, p, v in rows], 3)
    assert_frame_equal(scored(customers, 5, "streaming"), scored(customers, 5))


def test_whoever_comes_into_an_empty_cell_takes_the_thresholds_around_it():
    # R: all three bought on one day, score 1 of 3. F: 1, 1 and 5 purchase days, scores 1, 1 and 3
    thresholds = found_in(frame([(7, 1, 10.0), (7, 1, 20.0), (7, 5, 90.0)]), 3)
    assert thresholds.days_since_last == (None, None)
    assert thresholds.n_purchase_days == ((5, 5),) * 3  # nobody has R score 2 or 3: those of all
    # 10 and 20 in (1, 1): the better has one of two below. Nobody is in (1, 2): the cut-offs of all three. 90 is alone
    assert thresholds.value[0] == ((20.0, None), (20.0, 90.0), (None, None))
    assert thresholds.value[1] == thresholds.value[2] == ((20.0, 90.0),) * 3


def test_without_any_purchase_there_are_no_scores():
    customers = frame([], 2)
    assert found_in(customers, 5).days_since_last == (None,) * 4
    assert scored(customers, 5)["rfm_score"].to_list() == [None, None]
    assert scored(customers.clear(), 5)["rfm_score"].to_list() == []


GOOD = {"bins": 2, "days_since_last": [30], "n_purchase_days": [[2], [3]], "value": [[[5], [None]], [[1], [2.5]]]}


def test_nested_thresholds_may_be_written_by_hand():
    customers = frame([(40, 2, 99.0), (10, 2, 0.5), (10, 3, 2.5)])
    found = with_rfm(customers.lazy(), thresholds_from_dict(GOOD)).collect()
    assert found["rfm_score"].to_list() == ["121", "211", "222"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_purchase_days": [[2]]}, "n_purchase_days has 1 groups, expected 2"),
        ({"n_purchase_days": [[2], [3, 4]]}, "n_purchase_days of R score 2 has 2 cut-offs, expected 1 for 2 scores"),
        ({"value": [[[5], [6]], [[1]]]}, "value of R score 2 has 1 groups, expected 2"),
        ({"value": [[[5], [6]], [[1], ["x"]]]}, "value has 'x', expected a finite number"),
        ({"value": [[[5], [6]], 7]}, "value of R score 2 has 0 groups"),
        ({"bins": 2.0}, "bins is 2.0, expected a whole number"),
    ],
)
def test_nested_thresholds_that_cannot_be_used_are_refused(change, message):
    with pytest.raises(InputError) as refusal:
        thresholds_from_dict(GOOD | change)
    assert message in str(refusal.value)


def test_bins_out_of_range_are_refused():
    with pytest.raises(InputError, match="rfm_bins=11 is out of range"):
        found_in(frame([(1, 1, 1.0)]), 11)


def test_thresholds_are_frozen():
    assert isinstance(thresholds_from_dict(GOOD), NestedThresholds)
    assert hash(thresholds_from_dict(GOOD)) == hash(thresholds_from_dict(GOOD))
