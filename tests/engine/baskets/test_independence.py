"""What pairs would be by chance: sums that are given, and popularity and size of baskets alone."""

import numpy as np
import pytest

from whalecurve.engine.baskets.independence import independent


def test_factors_have_the_sums_of_rows_and_columns_without_the_diagonal():
    rng = np.random.default_rng(1)
    counts = rng.integers(0, 50, (9, 9)).astype(float)
    np.fill_diagonal(counts, 0.0)
    a, b = independent(counts.sum(axis=1), counts.sum(axis=0))
    expected = np.outer(a, b)
    np.fill_diagonal(expected, 0.0)
    assert expected.sum(axis=1) == pytest.approx(counts.sum(axis=1), rel=1e-9)
    assert expected.sum(axis=0) == pytest.approx(counts.sum(axis=0), rel=1e-9)


def test_a_table_that_is_independent_but_for_its_diagonal_is_its_own_expectation():
    shares = np.array([0.5, 0.2, 0.2, 0.1])
    table = 1000.0 * np.outer(shares, shares)
    np.fill_diagonal(table, 0.0)
    a, b = independent(table.sum(axis=1), table.sum(axis=0))
    found = np.outer(a, b)
    np.fill_diagonal(found, 0.0)
    assert found == pytest.approx(table, rel=1e-9)


def test_an_item_without_a_place_is_expected_nowhere():
    a, b = independent(np.array([3.0, 0.0, 3.0]), np.array([3.0, 0.0, 3.0]))
    assert a[1] == b[1] == 0.0
    assert a[0] * b[2] == pytest.approx(3.0)
    assert independent(np.zeros(2), np.zeros(2))[0].tolist() == [0.0, 0.0]
