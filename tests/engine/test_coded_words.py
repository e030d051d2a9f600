"""Labels and numbers of a batch as arrays, read from Arrow's memory."""

from random import Random

import numpy as np
import polars as pl
import pytest

from whalecurve.engine.coded_words import filled, positions

PIECES = [(0, 500), (1, 499), (3, 8), (8, 1), (13, 400), (499, 1), (7, 0)]
"""Start and length of pieces: what is known and what is null is kept in bits, eight to a byte."""


@pytest.mark.parametrize("n", [1, 2, 255, 256, 257])
def test_positions_are_those_among_the_categories_and_nobody_is_beyond_them(n):
    kind = pl.Enum([f"label {i}" for i in range(n)])
    labels = pl.Series([f"label {n - 1}", None, "label 0"], dtype=kind)
    assert positions(labels).tolist() == [n - 1, n, 0]
    assert positions(labels[1:]).tolist() == [n, 0]
    assert positions(pl.concat([labels, labels])).tolist() == 2 * [n - 1, n, 0]
    assert positions(labels.clear()).tolist() == []
    assert positions(labels).dtype == np.uint16


@pytest.mark.parametrize("n", [5, 300])
def test_positions_in_any_piece_of_a_column(n):
    random = Random(n)
    codes = [random.choice([None, *range(n)]) for _ in range(500)]
    labels = pl.Series(
        [None if code is None else f"g{code}" for code in codes], dtype=pl.Enum([f"g{i}" for i in range(n)])
    )
    expected = [n if code is None else code for code in codes]
    for start, length in PIECES:
        assert positions(labels[start : start + length]).tolist() == expected[start : start + length]


@pytest.mark.parametrize("dtype", [pl.UInt32, pl.Int64, pl.Int32])
def test_null_is_filled_without_a_change_of_type(dtype):
    numbers = pl.Series([3, None, 0], dtype=dtype)
    assert filled(numbers, 7).tolist() == [3, 7, 0]
    assert filled(numbers, 7).dtype == filled(numbers.drop_nulls(), 7).dtype == numbers.drop_nulls().to_numpy().dtype


def test_null_is_filled_in_any_piece_of_a_column():
    random = Random(5)
    numbers = [random.choice([None, 0, 1, 100]) for _ in range(500)]
    column = pl.Series(numbers, dtype=pl.Int32)
    expected = [7 if number is None else number for number in numbers]
    for start, length in PIECES:
        assert filled(column[start : start + length], 7).tolist() == expected[start : start + length]
