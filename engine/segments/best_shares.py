"""The least values that belong to the best shares of customers; equal values are never divided."""

import functools
import math
import operator
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.kernels.rfm import pivots, reaching


def numbers_of(column: pl.Series) -> NDArray[np.float64]:
    """The numbers of those who have one."""
    return column.drop_nulls().drop_nans().to_numpy()


def cutoffs(values: NDArray[np.float64], tops: Sequence[Fraction]) -> tuple[float, ...] | None:
    """Least value that belongs to the best share of the values, for each share.

    It is the smallest value whose mid-rank share, (less + equal / 2) / n, is at least one less the share. A tied group
    at the cutoff belongs to the best as soon as half of it does, which keeps the share as near as ties allow. Where
    not even the best group gets there (one value in a handful, or a large tie), the best group it is.

    Parameters
    ----------
    values : float64[n], any order, no NaN; put into another order
    tops : shares above 0 and below 1, ascending

    Returns
    -------
    One value a share, never rising; None where there are no values
    """
    if values.size == 0:
        return None
    required = np.array([math.ceil(2 * values.size * (1 - top)) for top in reversed(tops)], dtype=np.int64)
    values.partition(pivots(values.size, required))
    reached = reaching(values, required)[::-1]
    best = float(values.max())
    return tuple(float(value) if value < math.inf else best for value in reached)


def place(value: pl.Expr, cuts: Sequence[float]) -> pl.Expr:
    """How many of the cutoffs the value misses: 0 is the best tier. UInt8; null where the value is."""
    return functools.reduce(operator.add, ((value < cut).cast(pl.UInt8) for cut in cuts), pl.lit(0, pl.UInt8))
