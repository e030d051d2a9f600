"""Labels and numbers of a batch as arrays, read from Arrow's memory."""

from random import Random

import polars as pl
import pytest

from whalecurve.engine.labels import filled, positions


@pytest.mark.parametrize("n_labels", [1, 5, 254, 255, 256, 300])
def test_positions_are_those_of_the_labels_and_their_number_for_null(n_labels):
    random, labels = Random(n_labels), [f"g{i}" for i in range(n_labels)]
    codes = [random.choice([None, *range(n_labels)]) for _ in range(1_000)]
    column = pl.Series([None if code is None else labels[code] for code in codes], dtype=pl.Enum(labels))
    expected = [n_labels if code is None else code for code in codes]
    for start, length in ((0, 1_000), (1, 999), (3, 8), (8, 1), (13, 500), (7, 0)):
        found = positions(column[start : start + length])
        assert found.dtype == "uint16"
        assert found.tolist() == expected[start : start + length]


@pytest.mark.parametrize("dtype", [pl.Int8, pl.UInt32, pl.Int64])
def test_numbers_are_filled_where_they_are_null(dtype):
    random = Random(5)
    numbers = [random.choice([None, 0, 1, 100]) for _ in range(500)]
    column = pl.Series(numbers, dtype=dtype)
    for start, length in ((0, 500), (5, 20), (8, 9), (499, 1), (500, 0)):
        expected = [7 if number is None else number for number in numbers[start : start + length]]
        assert filled(column[start : start + length], 7).tolist() == expected
