"""Exact sums of money by group and period, and what they are in currency."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from whalecurve.engine.money import UNITS
from whalecurve.kernels.arrays import Vector

Whole = NDArray[Any]
"""int64 where every sum over the array fits it, else Python's whole numbers (object)."""

SAFE = 9.0e18


def whole(units: NDArray[np.int64], carry: NDArray[np.int32]) -> Whole:
    """The numbers that units + 2^64 · carry stand for, such that sums over them are exact, too."""
    if not carry.any() and float(np.abs(units.astype(np.float64)).sum()) < SAFE:
        return units
    exact: Whole = units.astype(object) + carry.astype(object) * 2**64
    return exact


def in_currency(amounts: Whole) -> Vector:
    """Amounts in units of currency: the float64 nearest to each, up to a rounding beyond 2^53 fixed-point units."""
    currency: Vector = np.asarray(amounts / UNITS, dtype=np.float64)
    return currency


def ratio(part: Any, of: Any, where: Any = True) -> Vector:  # noqa: ANN401 - arrays and scalars that broadcast
    """Part over `of`; NaN where `of` is 0, or where `where` is not."""
    part, of, where = np.broadcast_arrays(part, of, where)
    is_known = (of != 0) & where
    ratios = np.full(part.shape, np.nan)
    ratios[is_known] = part[is_known].astype(np.float64) / of[is_known].astype(np.float64)
    return ratios
