"""What one purchase is worth where the mean of all depends on how often customers buy.

The credibility average of `kernels.credibility`, with mean + slope ln x in the place of one mean for all: of customers
with x repeat purchases, a customer with one, or without any, having the mean itself. Nothing is extrapolated to x = 0,
where nobody was seen to spend.
"""

from typing import Any

import numpy as np

from whalecurve.kernels import credibility


def expected_value(x: Any, m: Any, mean: Any, slope: Any, weight: Any) -> Any:  # noqa: ANN401 - as a ufunc takes them
    """Mean value of one purchase of each customer; arguments broadcast, NaN where there is no answer."""
    with np.errstate(invalid="ignore"):
        return credibility.expected_value(x, m, mean + slope * np.log(np.maximum(x, 1.0)), weight)
