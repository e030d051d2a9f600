"""Numbers that a caller may hand to a kernel: of any kind, and of the kinds that it is made for."""

import math

import numpy as np

WILD = [
    *(math.nan, math.inf, -math.inf, -1.0, 0.0, 5e-324, 1e-300, 1e-90, 1e-12),
    *(0.3, 1.0, 2.5, 7.0, 1e3, 1e6, 1e90, 1e300),
]
TAME = [0.0, 1.0, 2.0, 5.0, 30.0, 1e3, 1e8, 1e40, 1e90, 1e-90, 1e-9, 0.5]


def without_flags(ufunc, pool):
    """A ufunc of 4,000 draws from a pool for each argument; raises where one of them sets a floating-point flag."""
    arguments = np.random.default_rng(2026).choice(pool, (ufunc.nin, 4000))
    with np.errstate(all="raise", under="ignore"):
        return ufunc(*arguments)
