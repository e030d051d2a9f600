import polars as pl
import pytest

from whalecurve.engine.attributes import kept_values


def kept(counts, least):
    table = pl.DataFrame(
        {"value": list(counts), "n": list(counts.values())}, schema={"value": pl.String, "n": pl.Int64}
    )
    values = kept_values(table, least)
    return None if values is None else values.to_list()


@pytest.mark.parametrize(
    ("counts", "least", "expected"),
    [
        ({"a": 5, "b": 9}, 5, None),  # nobody is few
        ({"a": 3, "b": 2, "c": 9}, 5, ["c"]),  # the few together are five
        ({"a": 1, "b": 6, "c": 9}, 5, ["c"]),  # one alone would be a pool of one
        ({"a": 1, "b": 6, "c": 6}, 5, ["c"]),  # of equal ones the first by name joins it
        ({"a": 1, "b": 1}, 5, []),  # all of them are fewer than five
        ({"a": 1, None: 50}, 5, []),  # null is no value
        ({"a": 1}, 1, None),  # nothing is pooled
        ({}, 5, None),
    ],
)
def test_values_of_few_customers_are_pooled_until_the_pool_is_large_enough(counts, least, expected):
    assert kept(counts, least) == expected
