"""Exact sums of whole numbers by group, for several groupings at once, in one pass over the rows.

A number x counts round(x scale) steps. Sums of steps are kept in two 64-bit integers, high 2**40 + low with
0 <= low < 2**40 for each number, so that they are exact, and the same for any order of the rows, as long as no number
has 2**80 steps or more, and no more than 2**22 rows are added to one another.
"""

import numpy as np

from whalecurve.kernels.arrays import Int64, UInt16, Vector
from whalecurve.kernels.compiler.jit import scalar

LOW = 2.0**40
MOST_STEPS = 2.0**80
MOST_ROWS = 2**22
BLOCK = 256
"""Rows that are split into whole numbers together: adding each row at once took half as long again."""


@scalar
def _split(numbers: Vector, scale: float, count: Int64, high: Int64, low: Int64) -> bool:
    """Whether a number is a row's, and its steps in two parts; False if one has too many (not for NaN)."""
    fits = True
    for i in range(numbers.shape[0]):
        steps = np.rint(numbers[i] * scale)
        has_steps = abs(steps) < MOST_STEPS
        if not has_steps:
            fits = fits and numbers[i] != numbers[i]
            steps = 0.0
        above = np.floor(steps / LOW)
        count[i] = has_steps
        high[i] = np.int64(above)
        low[i] = np.int64(steps - above * LOW)
    return fits


@scalar
def add_up(
    codes: tuple[UInt16, ...],
    starts: Int64,
    plain: Int64,
    numbers: tuple[Vector, ...],
    scales: Vector,
    sums: Int64,
) -> int:
    """Add rows to the sums of their groups.

    Parameters
    ----------
    codes : uint16[n] for each grouping, uint16[0] for one that is left out
        The group of each row.
    starts : int64[groupings]
        Row of `sums` at which the groups of each grouping begin.
    plain : int64[n]
        Whole numbers to add as they are.
    numbers : float64[n] for each column, float64[0] for one that is left out
        NaN where a row has none.
    scales : float64[columns]
        Steps in 1.
    sums : int64[groups, 2 + 3 columns], C-contiguous
        Rows, sum of `plain`, and for each column how many rows have a number, and the two parts of their sum.

    Returns
    -------
    The first column in which a number has too many steps, so that its sums are of no use; -1 where there is none
    """
    n, width, wrong = plain.shape[0], sums.shape[1], len(numbers)
    rows = np.zeros((BLOCK, width), np.int64)
    rows[:, 0] = 1
    for first in range(0, n, BLOCK):
        end = min(first + BLOCK, n)
        size = end - first
        rows[:size, 1] = plain[first:end]
        for j in range(len(numbers)):
            at = 2 + 3 * j
            parts = rows[:size, at], rows[:size, at + 1], rows[:size, at + 2]
            if not _split(numbers[j][first:end], scales[j], *parts):
                wrong = min(wrong, j)
        for k in range(len(codes)):
            for i in range(size if codes[k].shape[0] > 0 else 0):
                group = starts[k] + codes[k][first + i]
                for j in range(width):
                    sums[group, j] += rows[i, j]
    return wrong if wrong < len(numbers) else -1
