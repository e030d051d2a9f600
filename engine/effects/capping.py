"""What amounts are capped at, so that no customer alone decides."""

import math
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", np.int64, np.float64)


def cap_of(amounts: NDArray[Number], share: float) -> Number | None:
    """A quantile of amounts without their sign; of those who have any where that of all is nothing; None for none.

    The next amount that there is above the quantile, so that it is one of them.
    """
    size = np.abs(amounts)
    some = size[size > 0]
    if some.size == 0:
        return None
    place = math.ceil((size.size - 1) * share) - (size.size - some.size)  # among those who have any, in their order
    if place < 0:
        place = math.ceil((some.size - 1) * share)
    cap: Number = np.partition(some, place)[place]
    return cap
