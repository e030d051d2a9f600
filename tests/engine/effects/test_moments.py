"""Exact sums of customers by stratum and arm."""

from fractions import Fraction

import numpy as np
import polars as pl
import pytest

from whalecurve.engine.effects import moments_of
from whalecurve.engine.effects.moments import exact_sums


def customers(n=500, seed=0, most=10**13):
    rng = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "stratum": rng.integers(0, 3, n),
            "arm": rng.integers(0, 2, n),
            "y": rng.integers(-most, most, n),
            "x": rng.integers(0, most, n),
        }
    )


def test_means_and_covariances_are_those_of_fractions():
    table = customers()
    sums = moments_of(table, ["y", "x"])
    for (stratum, arm), cell in sums.cells.items():
        own = table.filter(stratum=stratum, arm=arm)
        y, x = own["y"].to_list(), own["x"].to_list()
        n = len(y)
        mean_y, mean_x = Fraction(sum(y), n), Fraction(sum(x), n)
        covariance = sum((a - mean_y) * (b - mean_x) for a, b in zip(y, x, strict=True)) / (n - 1)
        assert cell.n == n
        assert cell.mean(0) == float(mean_y)
        assert cell.covariance(0, 1) == cell.covariance(1, 0) == float(covariance)


def test_parts_add_up_to_the_whole_in_whatever_order():
    table = customers()
    whole = moments_of(table, ["y", "x"])
    shuffled = table.sample(fraction=1.0, shuffle=True, seed=1)
    parts = [moments_of(shuffled[start : start + 77], ["y", "x"]) for start in range(0, 500, 77)]
    total = parts[-1]
    for part in parts[:-1]:
        total = total + part
    assert total.cells == whole.cells
    assert whole.of_arm(0) + whole.of_arm(1) == whole.of_stratum(0) + whole.of_stratum(1) + whole.of_stratum(2)


def test_variances_of_large_equal_amounts_are_nothing_where_floats_would_cancel():
    table = pl.DataFrame({"stratum": [0] * 3, "arm": [0] * 3, "y": [10**15 + 1] * 3})
    assert moments_of(table, ["y"]).cells[0, 0].covariance(0, 0) == 0.0
    apart = table.with_columns(y=pl.Series([10**15, 10**15 + 1, 10**15 + 2]))
    assert moments_of(apart, ["y"]).cells[0, 0].covariance(0, 0) == 1.0


def test_sums_of_floats_are_the_same_bits_in_whatever_order():
    rng = np.random.default_rng(5)
    terms, cells = rng.lognormal(0.0, 4.0, 10_000), rng.integers(0, 4, 10_000)
    order = rng.permutation(10_000)
    one = exact_sums(pl.Series(cells), pl.Series(terms))
    other = exact_sums(pl.Series(cells[order]), pl.Series(terms[order]))
    assert one.equals(other)
    assert one["total"].to_list() == pytest.approx([terms[cells == cell].sum() for cell in range(4)], rel=1e-12)


def test_a_cell_of_nothing_but_zeros_adds_up_to_zero():
    assert exact_sums(pl.Series([0, 0]), pl.Series([0.0, 0.0]))["total"].to_list() == [0.0]
