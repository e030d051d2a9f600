"""Columns of order lines in the numbers that the store adds up, checked on the way."""

import numpy as np
from numpy.typing import NDArray

from whalecurve.kernels.arrays import Int32, Int64
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.store.columns import DayLines


@scalar
def fixed_point(amount: NDArray[np.float64], units: float, limit: float, out: Int64) -> bool:
    """Write round(amount * units), halves to even, to `out`.

    False where an amount is not finite, beyond +-limit, or not zero and rounded to zero. units * limit is below 2^63.
    """
    is_sound = True
    for i in range(amount.shape[0]):
        is_within = abs(amount[i]) <= limit  # asked first: of what no int64 holds LLVM may make anything
        rounded = np.int64(np.rint(amount[i] * units if is_within else 0.0))
        is_sound &= is_within & ((rounded != 0) | (amount[i] == 0.0))
        out[i] = rounded
    return is_sound


@scalar
def count_by_day(
    day: Int32, amount: Int64, is_return: NDArray[np.uint8], first: int, counts: Int64, turnover: NDArray[np.float64]
) -> int:
    """Count lines, return lines and turnover by day.

    Parameters
    ----------
    day : int32[n]; amount : int64[n]; is_return : uint8[n], or empty: a negative amount is a return
    first : the day of `counts[0]` and `turnover[0]`, which reach to the last day of the lines at least
    counts : int64[m, 2], of `DayLines`; turnover : float64[m], sums of absolute amounts; added to
    """
    has_flags = is_return.shape[0] > 0
    for i in range(day.shape[0]):
        at = day[i] - first
        counts[at, DayLines.LINES] += 1
        if (is_return[i] != 0) if has_flags else (amount[i] < 0):
            counts[at, DayLines.RETURN_LINES] += 1
        turnover[at] += abs(float(amount[i]))
    return day.shape[0]


@scalar
def span(day: Int32) -> tuple[int, int]:
    """First and last of at least one day."""
    first, last = day[0], day[0]
    for i in range(day.shape[0]):
        first, last = min(first, day[i]), max(last, day[i])
    return first, last
