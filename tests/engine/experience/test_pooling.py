"""Small groups are told as one, or not at all."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from whalecurve.engine.experience.pooling import NONE, POOLED, pooled_values


def told(least, **sizes):
    table = pl.DataFrame({"by": "x", "value": list(sizes), "customers": list(sizes.values())})
    return {value: name for _, value, name in pooled_values(table, ["by"], least).rows()}


def test_groups_that_are_large_enough_stay_as_they_are():
    assert told(5, a=5, b=9) == {"a": "a", "b": "b"}


def test_small_groups_are_put_together():
    assert told(5, a=3, b=4, c=9) == {"a": POOLED, "b": POOLED, "c": "c"}


def test_a_single_small_group_takes_the_next_one_with_it_as_it_could_be_found_by_subtraction():
    assert told(5, a=3, b=6, c=9) == {"a": POOLED, "b": POOLED, "c": "c"}


def test_what_cannot_be_told_together_either_is_not_told():
    assert told(5, a=3) == {"a": None}


def test_groups_in_which_nobody_answered_hide_nobody():
    assert told(5, a=0, b=9) == {"a": "a", "b": "b"}


def test_customers_without_a_value_are_a_group_like_others():
    table = pl.DataFrame({"by": ["x", "x"], "value": [None, "a"], "customers": [7, 8]})
    assert pooled_values(table, ["by"], 5)["told"].to_list() == [NONE, "a"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=12), st.integers(2, 10))
def test_no_name_stands_for_fewer_customers_than_asked_for_unless_for_none(sizes, least):
    names = told(least, **{f"g{i}": n for i, n in enumerate(sizes)})
    totals = {}
    for value, name in names.items():
        totals[name] = totals.get(name, 0) + sizes[int(value[1:])]
    assert all(n == 0 or n >= least for name, n in totals.items() if name is not None)
    assert totals.get(None, 0) == 0 or sum(sizes) < least
