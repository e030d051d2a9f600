"""Places by MD5: equal to those that Python and SQL compute, and independent between names."""

import hashlib
import re
from datetime import date
from fractions import Fraction
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest

from whalecurve.engine.experiments.hash_places import PLACES, buckets, first_place, places_of
from whalecurve.engine.statistics import chi_square_above

(SQL,) = re.findall(
    r"In DuckDB\n\n +```sql\n(.*?)```", (Path(__file__).parents[3] / "docs" / "experiments.md").read_text(), re.DOTALL
)
"""As the documents have it, for the experiment "spring"."""


def by_hashlib(texts, salt):
    return [int(hashlib.md5(f"{salt}:{text}".encode()).hexdigest()[:16], 16) >> 11 for text in texts]


@pytest.mark.parametrize(
    ("ids", "texts"),
    [
        (pl.Series(["a", "Zoë", "", "客户", "x" * 300]), ["a", "Zoë", "", "客户", "x" * 300]),
        (pl.Series([0, -1, 2**62]), ["0", "-1", str(2**62)]),
        (pl.Series([7, 8], dtype=pl.UInt16), ["7", "8"]),
        (pl.Series([b"\x00\xff"]), ["00ff"]),
        (pl.Series([date(2024, 1, 31)]), ["2024-01-31"]),
        (pl.Series(["a", "b", "c", "d"])[1:3], ["b", "c"]),
        (pl.Series(["a", "b"], dtype=pl.Categorical), ["a", "b"]),
        (pl.Series([], dtype=pl.String), []),
    ],
)
def test_a_place_is_the_first_53_bits_of_the_hash_of_name_and_id(ids, texts):
    assert places_of(ids, "spring").tolist() == by_hashlib(texts, "spring")


def test_ids_in_several_chunks_have_the_places_of_their_own():
    ids = pl.concat([pl.Series(["a", "b"]), pl.Series(["c"])], rechunk=False)
    assert places_of(ids, "spring").tolist() == by_hashlib("abc", "spring")


@pytest.mark.parametrize(
    "ids", [pl.Series("id", range(5_000)), pl.Series("id", [f"Kunde-{i}-ö" for i in range(5_000)])]
)
def test_the_sql_of_the_documents_computes_the_same(ids):
    ids = pl.Series("customer_id", ids)
    customers = ids.to_frame()  # noqa: F841 - DuckDB reads it by its name
    theirs = duckdb.sql(SQL).pl()
    assert theirs["customer_id"].to_list() == ids.to_list()
    assert theirs["bucket"].to_list() == buckets(places_of(ids, "spring")).to_list()


def test_a_bucket_is_the_place_over_2_to_the_53_without_rounding():
    places = np.array([0, 1, PLACES // 2, PLACES - 1])
    assert [Fraction(bucket) for bucket in buckets(places)] == [Fraction(int(place), PLACES) for place in places]


@pytest.mark.parametrize("share", [Fraction(1, 3), Fraction(9, 20), Fraction(1, 2), Fraction(0), Fraction(1)])
def test_the_first_place_of_a_share_is_the_first_whose_bucket_is_not_below_it(share):
    first = first_place(share)
    assert Fraction(first, PLACES) >= share
    assert Fraction(first - 1, PLACES) < share


def test_places_of_two_names_are_spread_evenly_and_have_nothing_to_do_with_each_other():
    ids = pl.Series(range(100_000))
    a, b = (places_of(ids, name) * 10 // PLACES for name in ("spring", "summer"))
    for counts, degrees in ((np.bincount(a), 9), (np.bincount(b), 9), (np.bincount(10 * a + b, minlength=100), 99)):
        expected = 100_000 / counts.size
        assert chi_square_above(degrees, float(((counts - expected) ** 2 / expected).sum())) > 0.01
