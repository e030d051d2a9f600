"""A hash of 64 bits: the output function of SplitMix64 (Steele, Lea & Flood 2014, OOPSLA '14, 453-472)."""

import numpy as np
from numpy import uint64

from whalecurve.kernels.compiler.jit import scalar

FIRST_FACTOR = np.uint64(0xBF58476D1CE4E5B9)
SECOND_FACTOR = np.uint64(0x94D049BB133111EB)


@scalar
def mix64(key: int) -> np.uint64:
    """Hash 64 bits to 64 bits, one to one; a signed key counts as its bits."""
    z = uint64(key)
    z = (z ^ (z >> uint64(30))) * FIRST_FACTOR
    z = (z ^ (z >> uint64(27))) * SECOND_FACTOR
    return z ^ (z >> uint64(31))
