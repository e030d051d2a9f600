import numpy as np
import polars as pl
import pytest

from whalecurve.engine.labels import filled, positions


@pytest.mark.parametrize("n", [1, 2, 255, 256, 257])
def test_positions_are_those_among_the_categories_and_nobody_is_beyond_them(n):
    kind = pl.Enum([f"label {i}" for i in range(n)])
    labels = pl.Series([f"label {n - 1}", None, "label 0"], dtype=kind)
    assert positions(labels).tolist() == [n - 1, n, 0]
    assert positions(labels[1:]).tolist() == [n, 0]
    assert positions(pl.concat([labels, labels])).tolist() == 2 * [n - 1, n, 0]
    assert positions(labels.clear()).tolist() == []
    assert positions(labels).dtype == np.uint16


@pytest.mark.parametrize("dtype", [pl.UInt32, pl.Int64, pl.Int32])
def test_null_is_filled_without_a_change_of_type(dtype):
    numbers = pl.Series([3, None, 0], dtype=dtype)
    assert filled(numbers, 7).tolist() == [3, 7, 0]
    assert filled(numbers, 7).dtype == filled(numbers.drop_nulls(), 7).dtype == numbers.drop_nulls().to_numpy().dtype
