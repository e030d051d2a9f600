from pathlib import Path

import pytest

from whalecurve import engine
from whalecurve.engine.object_stores import Location, location_of


@pytest.mark.parametrize("url", ["s3://b/a/x=1/", "s3://b/a/x=1", Path("s3://b/a/x=1")])
def test_a_url_names_bucket_and_key_also_where_a_path_has_folded_its_slashes(url):
    location = location_of(url)
    assert (location.root, location.key, location.url) == ("s3://b", "a/x=1", "s3://b/a/x=1")
    assert (location.scheme, location.bucket) == ("s3", "b")


def test_what_lies_above_and_below_a_key():
    location = location_of("gs://b/a/c")
    assert location.above() == [Location("gs://b", "a"), Location("gs://b", "")]
    assert location.below("d.parquet").url == "gs://b/a/c/d.parquet"
    assert location_of("gs://b").above() == []
    assert location_of("gs://b").below("d").url == "gs://b/d"


def test_a_prefix_holds_whole_names_below_it_alone():
    holds = location_of("s3://b/orders").holds
    assert all(holds(location_of(url)) for url in ("s3://b/orders/a", "s3://b/orders"))
    assert not any(holds(location_of(url)) for url in ("s3://b/orders2/a", "s3://c/orders", "s3://b"))
    assert location_of("s3://b").holds(location_of("s3://b/x"))


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("s3://", "s3://: names no bucket; write it as s3://bucket/orders/"),
        ("s3://b/a//b", "s3://b/a//b: has an empty"),
    ],
)
def test_a_url_without_a_bucket_or_with_an_empty_name_is_refused(url, message):
    with pytest.raises(engine.InputError) as caught:
        location_of(url)
    assert str(caught.value).startswith(message)
