"""What pairs would be if only the size of groups and the popularity of items made them."""

import numpy as np

from whalecurve.kernels.arrays import Vector

ROUNDS, ROUNDINGS = 1_000, 1e-12
"""Of scaling, at most; and the change of a factor that makes no more difference."""


def independent(rows: Vector, columns: Vector) -> tuple[Vector, Vector]:
    """Factors a and b such that a[i] b[j], over all i other than j, has the sums of `rows` and `columns`.

    Quasi-independence of a square table without its diagonal (Goodman 1968, JASA 63): no item is paired with itself.
    By iterative proportional fitting (Deming & Stephan 1940). In a table of places (a group of k items has k (k - 1)),
    this is what chance makes of items that are as popular as they are, in groups as large as they are: not the product
    of two shares of groups, which calls everything a pair where groups differ in size.
    """
    total = rows.sum()
    if total <= 0.0:
        return np.zeros(rows.size), np.zeros(columns.size)
    a, b = rows / np.sqrt(total), columns / np.sqrt(total)
    for _ in range(ROUNDS):
        before = a
        a = _scaled(rows, b)
        b = _scaled(columns, a)
        if np.all(np.abs(a - before) <= ROUNDINGS * a):
            break
    return a, b


def _scaled(sums: Vector, others: Vector) -> Vector:
    rest = others.sum() - others
    scaled: Vector = np.divide(sums, rest, out=np.zeros(sums.size), where=rest > 0.0)
    return scaled
