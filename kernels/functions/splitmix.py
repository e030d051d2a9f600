"""A hash of 64 bits: the output function of SplitMix64 (Steele, Lea & Flood 2014, OOPSLA '14, 453-472).

Its Python functions take arrays of uint64 too.
"""

import numpy as np
from numpy import int64, uint64

from whalecurve.kernels.compiler.jit import scalar

STEP = np.uint64(0x9E3779B97F4A7C15)
"""By which the state of the generator advances: 2^64 over the golden ratio, made odd."""

FIRST_FACTOR = np.uint64(0xBF58476D1CE4E5B9)
SECOND_FACTOR = np.uint64(0x94D049BB133111EB)


@scalar
def mix64(key: int) -> np.uint64:
    """Hash 64 bits to 64 bits, one to one; a signed key counts as its bits."""
    z = uint64(key)
    z = (z ^ (z >> uint64(30))) * FIRST_FACTOR
    z = (z ^ (z >> uint64(27))) * SECOND_FACTOR
    return z ^ (z >> uint64(31))


@scalar
def slot_of(key: int, mask: int) -> np.int64:
    """Where to look for a key first in a table of mask + 1 slots, a power of two up to 2^44."""
    return int64(mix64(key) >> uint64(20)) & mask
