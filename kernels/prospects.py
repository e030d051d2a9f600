"""What active customers are expected to do, looked up for each by their (x, T), in one pass over the customers."""

from enum import IntEnum

import numpy as np

from whalecurve.kernels.arrays import Int32, Int64, Vector
from whalecurve.kernels.compiler.jit import scalar

LEAST_ALIVE = 0.5
"""P(alive) from which on a customer is rather active than gone, and the next purchase is told."""


class Prospect(IntEnum):
    """Columns of a table of prospects, of customers who are active.

    PURCHASES, DISCOUNTED : purchases in the horizon; the same discounted to now
    QUIET : the probability of no purchase in the risk horizon
    """

    PURCHASES = 0
    QUIET = 1
    DISCOUNTED = 2


@scalar
def code_of(x: float, T: float, n_steps: int, steps_per_unit: float) -> np.int64:
    """The number of a pair (x, T), T in whole steps, fewer than `n_steps`."""
    return np.int64(x) * n_steps + np.int64(np.rint(T * steps_per_unit))


@scalar
def codes_of(x: Vector, T: Vector, n_steps: int, steps_per_unit: float) -> Int64:
    """The numbers of m pairs: int64[m]."""
    codes = np.empty(x.shape[0], np.int64)
    for i in range(x.shape[0]):
        codes[i] = code_of(x[i], T[i], n_steps, steps_per_unit)
    return codes


@scalar
def _place(x: float, T: float, codes: Int64, position: Int32, n_steps: int, steps_per_unit: float) -> np.int64:
    """Where a pair is in the table."""
    code, last = code_of(x, T, n_steps, steps_per_unit), codes[-1] if codes.shape[0] > 0 else -1
    at = np.int64(-1)
    if 0 <= code <= last:
        at = np.int64(position[code]) if position.shape[0] > 0 else np.searchsorted(codes, code)
    if at < 0 or codes[at] != code:
        raise ValueError("a pair that is not among those of the table")
    return at


@scalar
def look_up(
    x: Vector,
    T: Vector,
    p_alive: Vector,
    codes: Int64,
    position: Int32,
    table: Vector,
    n_steps: int,
    steps_per_unit: float,
) -> Vector:
    """The prospects of n customers, who may no longer be active.

    Parameters
    ----------
    x, T : float64[n]; each pair is among those of the table
    p_alive : float64[n]
    codes : int64[pairs], ascending, the pairs as `codes_of` numbers them
    position : int32[size], where each number is among the codes; empty: it is searched for
    table : float64[pairs, 3]

    Returns
    -------
    float64[4, n]: expected purchases, the probability of a purchase in the risk horizon, discounted purchases, and
        discounted purchases of a customer who is active

    Raises
    ------
    ValueError
        A pair is not among those of the table.
    """
    n = x.shape[0]
    expected = np.empty((4, n))
    for i in range(n):
        at = _place(x[i], T[i], codes, position, n_steps, steps_per_unit)
        expected[0, i] = p_alive[i] * table[at, Prospect.PURCHASES]
        expected[1, i] = p_alive[i] * (1.0 - table[at, Prospect.QUIET])
        expected[2, i] = p_alive[i] * table[at, Prospect.DISCOUNTED]
        expected[3, i] = table[at, Prospect.DISCOUNTED]
    return expected


@scalar
def waits_of(
    x: Vector,
    T: Vector,
    p_alive: Vector,
    codes: Int64,
    position: Int32,
    waits: Int32,
    n_steps: int,
    steps_per_unit: float,
) -> Int32:
    """Days until the next purchase of n customers, of those who are rather active than not.

    Parameters
    ----------
    x, T, p_alive, codes, position, n_steps, steps_per_unit
        As in `look_up`.
    waits : int32[pairs, 3]
        Days of each pair; 0 for none.

    Returns
    -------
    int32[3, n], 0 where P(alive) is below `LEAST_ALIVE`

    Raises
    ------
    ValueError
        As `look_up`.
    """
    n = x.shape[0]
    days = np.zeros((3, n), np.int32)
    for i in range(n):
        at = _place(x[i], T[i], codes, position, n_steps, steps_per_unit)
        if p_alive[i] >= LEAST_ALIVE:
            for j in range(3):
                days[j, i] = waits[at, j]
    return days
