"""Time to the next purchase: against the product-limit estimate of scipy; who is due when, by hand."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from whalecurve.engine.profiling.due import due, due_counts
from whalecurve.engine.profiling.gaps import gaps_of, timing
from whalecurve.engine.segments.rhythm import Rhythm

AS_OF = 1_000


def lengths(closed, still_open):
    rows = [(days, False, True, 1) for days in closed] + [(days, True, True, 1) for days in still_open]
    return pl.DataFrame(rows, schema=["days", "is_open", "in_segment", "n"], orient="row")


days = st.lists(st.integers(1, 400), max_size=30)


@given(days, days)
@settings(max_examples=30, deadline=None)
def test_shares_and_quantiles_are_those_of_the_product_limit_estimate(closed, still_open):
    if not closed:
        return
    found = timing(lengths(closed, still_open))
    data = stats.CensoredData(uncensored=closed, right=still_open)
    returned = stats.ecdf(data).cdf
    for span, share in found["within"].items():
        if share is not None:
            assert share == pytest.approx(float(returned.evaluate(int(span))), rel=1e-12, abs=1e-12)
        else:
            assert max([*closed, *still_open]) < int(span)
    for q, quantile in found["quantiles"].items():
        reached = returned.quantiles[returned.probabilities >= float(q) - 1e-12]
        assert quantile == (reached[0] if reached.size else None)


def test_without_gaps_nothing_is_known():
    empty = pl.DataFrame(schema={"days": pl.Int32, "is_open": pl.Boolean, "in_segment": pl.Boolean, "n": pl.Int64})
    assert timing(empty)["quantiles"] == {"0.25": None, "0.5": None, "0.75": None}
    assert timing(lengths([], [5, 50]))["within"]["30"] == 0.0


def test_gaps_by_hand():
    """Ann buys on 10, 15 and 45; bob once, on 990."""
    bought = pl.DataFrame({"customer_id": ["ann"] * 3 + ["bob"], "day": [10, 15, 45, 990]})
    customers = pl.DataFrame({"customer_id": ["ann", "bob"], "in_segment": [True, False]})
    found = gaps_of(bought, customers, AS_OF)
    assert sorted(found.lengths.rows()) == [
        (5, False, True, 1), (10, True, False, 1), (30, False, True, 1), (955, True, True, 1),
    ]  # fmt: skip
    assert sorted(found.buckets.cast({"value": pl.String}).rows()) == [
        ("1-7 days", True, 1, 1, 1, 2), ("15-30 days", True, 1, 1, 1, 2),
    ]  # fmt: skip
    twice = found + found
    assert twice.lengths["n"].sum() == 8
    assert twice.buckets["gaps_yx"].sum() == 8


# Everybody's gaps: half are over after 20 days, 90 % after 60, 99 % after 100.
EVERYBODY = Rhythm(days=(*[20] * 50, *[60] * 40, *[100] * 9))

# first, last, purchase days: gap, basis, expected next, overdue; as of 1972-09-27, day 1,000
DUE = {
    # silent for 10 days, of 1.0 left; half is over on day 20
    "by everybody's rhythm": (990, 990, 1, 20, "everybody", date(1972, 10, 7), False),
    # silent for 40, of which .50 go on that long; .25 are left on day 60
    "later than most": (960, 960, 1, 20, "everybody", date(1972, 10, 17), False),
    "silent up to the 90 % point": (940, 940, 1, 20, "everybody", date(1972, 11, 6), False),
    "overdue": (939, 939, 1, 20, "everybody", None, True),
    # 19 gaps in 190 days: 19/22 (190 / (190 + t))^19 + 3/22 S(t): .531 for t = 8, .495 for 9, .278 for 19, .197 for 20
    "by their own rhythm": (802, 992, 20, 9, "own", date(1972, 10, 9), False),
    "overdue by their own rhythm": (760, 950, 20, 9, "own", None, True),
}


@pytest.mark.parametrize("case", DUE)
def test_who_is_due_when(case):
    first, last, n_days, *expected = DUE[case]
    customers = pl.DataFrame(
        {"customer_id": [1, 2], "in_segment": [True, False], "first_day": [first] * 2, "last_day": [last] * 2,
         "n_days": [n_days] * 2},
        schema_overrides={"first_day": pl.Int32, "last_day": pl.Int32},
    )  # fmt: skip
    table = due(customers, EVERYBODY, date(1972, 9, 27))
    assert table.select(pl.exclude("last_purchase")).rows() == [(1, *expected)]
    counts = due_counts(table, date(1972, 9, 27))
    assert sum(counts[name] for name in ("soon", "later", "overdue", "unknown")) == 1
    assert counts["soon"] == (expected[2] is not None and expected[2] < date(1972, 10, 28))


def test_where_nobody_came_back_a_customer_silent_for_a_quarter_is_due_on_no_day():
    customers = pl.DataFrame(
        {"customer_id": [1, 2], "in_segment": [True] * 2, "first_day": [950, 900], "last_day": [950, 900],
         "n_days": [1] * 2},
        schema_overrides={"first_day": pl.Int32, "last_day": pl.Int32},
    )  # fmt: skip
    table = due(customers, Rhythm(days=None), date(1972, 9, 27))
    assert table["expected_next"].to_list() == [date(1972, 11, 6), None]  # 90 days after the purchase
    assert table["is_overdue"].to_list() == [False, False]  # of 20 % nobody knows, so that nothing is beyond 90 %
    assert due_counts(table, date(1972, 9, 27))["unknown"] == 1


def test_days_are_those_of_the_result_where_it_tells_them():
    customers = pl.DataFrame(
        {"customer_id": [1, 2, 3, 4, 5], "in_segment": [True, True, True, True, False], "first_day": [990] * 5,
         "last_day": [990] * 5, "n_days": [1] * 5},
        schema_overrides={"first_day": pl.Int32, "last_day": pl.Int32},
    )  # fmt: skip
    told = pl.DataFrame(
        {"customer_id": [5, 4, 3, 2, 1], "is_overdue": [False, False, True, False, False],
         "next_purchase": [date(1972, 10, 1), None, date(1972, 10, 3), date(1972, 10, 27), date(1972, 10, 28)]},
    )  # fmt: skip
    table = due(customers, EVERYBODY, date(1972, 9, 27), told)
    assert table["expected_next"].to_list() == [date(1972, 10, 28), date(1972, 10, 27), date(1972, 10, 3), None]
    counts = due_counts(table, date(1972, 9, 27))  # the 27th is 30 days ahead
    assert [counts[name] for name in ("soon", "later", "overdue", "unknown")] == [1, 1, 1, 1]


def test_days_are_kept_apart_by_customer():
    rng = np.random.default_rng(2)
    bought = (
        pl.DataFrame({"customer_id": rng.integers(0, 20, 200), "day": rng.integers(0, 900, 200)})
        .unique()
        .sort("customer_id", "day")
    )
    customers = pl.DataFrame({"customer_id": range(20), "in_segment": [i % 3 == 0 for i in range(20)]})
    found = gaps_of(bought, customers, AS_OF)
    spans = [1_000 - mine["day"].min() for _, mine in bought.group_by("customer_id")]
    assert (found.lengths["days"] * found.lengths["n"]).sum() == sum(spans)
