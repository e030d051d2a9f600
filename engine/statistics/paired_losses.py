"""Whether one prediction is better than another by more than chance: the same cases under both."""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from whalecurve.engine.statistics.finite_numbers import finite
from whalecurve.kernels.arrays import Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """Mean difference of two losses of the same cases, and its standard error (infinite with fewer than two cases)."""

    difference: float
    standard_error: float

    @property
    def is_clear(self) -> bool:
        """Whether the first loss is greater by more than the standard error."""
        return self.difference > self.standard_error

    @property
    def is_clearly_less(self) -> bool:
        """Whether the first loss is less by more than the standard error."""
        return self.difference < -self.standard_error

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {name: finite(value) for name, value in asdict(self).items()}


def margin_of(loss: Vector, other: Vector) -> Margin:
    """By how much a loss is greater than another on average, paired; cases in which one of them is NaN are left out.

    The standard error is that of the mean of the differences. Cases count as independent: what moves all of them
    alike, a season for one, is not in it.
    """
    differences = loss - other
    differences = differences[~np.isnan(differences)]
    n = differences.size
    if n < 2:
        return Margin(difference=float(differences.sum()), standard_error=math.inf)
    return Margin(difference=float(differences.mean()), standard_error=float(differences.std(ddof=1)) / math.sqrt(n))
