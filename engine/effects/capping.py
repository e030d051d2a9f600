"""What amounts are capped at, so that no customer alone decides."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", np.int64, np.float64)


def cap_of(amounts: NDArray[Number], share: float) -> Number | None:
    """A quantile of amounts without their sign; of those who have any where that of all is nothing; None for none.

    The next amount that there is above the quantile, so that it is one of them.
    """
    size = np.abs(amounts)
    for values in (size, size[size > 0]):
        if values.size == 0:
            continue
        cap: Number = np.quantile(values, share, method="higher")
        if cap > 0:
            return cap
    return None
