"""Which groups are told as one: never fewer customers than may be told of, as long as there are as many."""

from hypothesis import given
from hypothesis import strategies as st

from whalecurve.engine.statistics import small_groups


def test_nothing_is_put_together_where_every_group_has_enough():
    assert small_groups([("a", 5), ("b", 6)], 5) == []


def test_small_groups_are_put_together():
    assert small_groups([("a", 3), ("b", 9), ("c", 2)], 5) == ["c", "a"]


def test_the_next_larger_group_joins_a_single_small_one():
    assert small_groups([("a", 3), ("c", 9), ("b", 9), ("d", 20)], 5) == ["a", "b"]


def test_of_equal_groups_that_without_a_name_joins_first():
    assert small_groups([("a", 9), (None, 9), ("b", 1)], 5) == ["b", None]


def test_all_are_put_together_where_all_are_too_few():
    assert small_groups([("a", 1), ("b", 2)], 5) == ["a", "b"]


@given(st.dictionaries(st.text(max_size=3), st.integers(1, 30), max_size=8), st.integers(1, 12))
def test_no_rest_can_be_found_by_subtraction(sizes, least):
    together = small_groups(sizes.items(), least)
    assert all(n >= least for name, n in sizes.items() if name not in together)
    n_together = sum(sizes[name] for name in together)
    assert not together or n_together >= least or len(together) == len(sizes)
