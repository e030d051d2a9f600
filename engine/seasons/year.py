"""The parts of a year that a season is told in: 52 weeks counted from 1 January, the last one of eight days."""

import numpy as np

from whalecurve.kernels.arrays import Int64, Vector

PARTS = 52
"""Weeks of a year."""

FEBRUARY_29 = 59
"""Its place in a leap year, counted from 0; it belongs to the week of the day before."""

_DAYS = 365


def parts_of(days: Int64) -> Int64:
    """The week of the year, from 0, that each day falls in; days since 1970."""
    dates = np.asarray(days, dtype=np.int64).astype("datetime64[D]")
    years = dates.astype("datetime64[Y]")
    place = (dates - years.astype("datetime64[D]")).astype(np.int64)
    number = years.astype(np.int64) + 1970
    is_leap = (number % 4 == 0) & ((number % 100 != 0) | (number % 400 == 0))
    place -= is_leap & (place >= FEBRUARY_29)
    parts: Int64 = np.minimum(place // 7, PARTS - 1)
    return parts


def days_of_parts() -> Vector:
    """Days in each week of a common year: 7, and 8 in the last."""
    return np.bincount(np.minimum(np.arange(_DAYS) // 7, PARTS - 1), minlength=PARTS).astype(np.float64)
