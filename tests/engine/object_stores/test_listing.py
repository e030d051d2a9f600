import pytest

from whalecurve.engine.object_stores.listing import _places


@pytest.mark.parametrize(
    ("key", "pattern", "after"),
    [
        ("a/b.parquet", "a/*.parquet", {2}),
        ("a/b.parquet", "a/*", {2}),
        ("a/x=1/b.parquet", "a/*", {2}),
        ("a/x=1/b.parquet", "a/x=?/b.parquet", {3}),
        ("a/x=1/b.parquet", "a/x=[23]/*", set()),
        ("a/x/y/b.parquet", "a/**/*.parquet", {4}),
        ("a/b.parquet", "a/**/*.parquet", {2}),
        ("a/.x/b.parquet", "a/**/*.parquet", set()),
        ("a/.x/b.parquet", "a/.x/*.parquet", {3}),
        ("a/.b.parquet", "a/*", set()),
        ("a/x/y", "a/**", {1}),
        ("a/a/a", "**/a", {1, 2, 3}),
        ("orders", "order?", {1}),
        ("ORDERS", "order?", set()),
    ],
)
def test_a_pattern_matches_whole_names_as_on_disk(key, pattern, after):
    assert _places(key.split("/"), pattern.split("/")) == after
