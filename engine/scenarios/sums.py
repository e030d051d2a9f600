"""Exact sums of many numbers of each customer by the segments of all schemes at once, in batches of any size."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.errors import InputError
from whalecurve.engine.money import LIMIT, UNITS
from whalecurve.kernels.arrays import Vector

ALL = "all"
LOW_BITS = 32


class SegmentSums:
    """Sums by segment, as whole numbers of millionths, so that neither batches nor their order change a digit.

    A customer is in one combination of segments, one of each scheme; few of the possible ones occur.
    """

    def __init__(self, schemes: Mapping[str, Sequence[str]], numbers: Sequence[str]) -> None:
        """Nobody has been added yet.

        Parameters
        ----------
        schemes
            Names of the segments by scheme; the column of labels has the scheme's name.
        numbers
            What is summed, in the order in which `add` takes it.
        """
        self._schemes = {scheme: tuple(names) for scheme, names in schemes.items()}
        self._numbers = tuple(numbers)
        self._sums: dict[int, list[int]] = {}
        self._counts: dict[int, int] = {}

    def add(self, labels: pl.DataFrame, numbers: Iterable[Vector]) -> None:
        """Add customers; `numbers` has an array for each name.

        Raises
        ------
        InputError
            A number too large for exact sums.
        """
        combined = self._combined(labels)
        seen, at, counts = np.unique(combined, return_inverse=True, return_counts=True)
        columns = [_summed(at, values, seen.size) for values in numbers]
        for place, combination in enumerate(seen.tolist()):
            sums = self._sums.setdefault(combination, [0] * len(self._numbers))
            for j, column in enumerate(columns):
                sums[j] += column[place]
            self._counts[combination] = self._counts.get(combination, 0) + int(counts[place])

    def of(self, scheme: str, segment: str | None) -> tuple[int, dict[str, float]]:
        """How many customers a segment has, and their sums. None: those without a segment; scheme ALL: everybody."""
        wanted = [one for one in self._sums if scheme == ALL or self._segment(scheme, one) == segment]
        totals = [sum(self._sums[one][j] for one in wanted) / UNITS for j in range(len(self._numbers))]
        return sum(self._counts[one] for one in wanted), dict(zip(self._numbers, totals, strict=True))

    def _combined(self, labels: pl.DataFrame) -> NDArray[np.int64]:
        combined = np.zeros(labels.height, dtype=np.int64)
        for scheme, names in self._schemes.items():
            codes = {name: code for code, name in enumerate(names)}
            own = labels[scheme].cast(pl.String).replace_strict(codes, default=len(names), return_dtype=pl.Int64)
            combined = combined * (len(names) + 1) + own.to_numpy()
        return combined

    def _segment(self, scheme: str, combination: int) -> str | None:
        for name, names in reversed(self._schemes.items()):
            combination, code = divmod(combination, len(names) + 1)
            if name == scheme:
                return names[code] if code < len(names) else None
        raise KeyError(scheme)


def _summed(at: NDArray[np.int64], values: Vector, size: int) -> list[int]:
    """Exact sums of values in millionths, each rounded once, by position.

    In two halves, whose sums as floats are exact for up to two million customers.
    """
    if not (np.abs(values) <= LIMIT).all():
        raise InputError(
            f"the future of some customer is worth more than {LIMIT:.1g}, or no number; suppose smaller changes"
        )
    steps = np.rint(values * UNITS).astype(np.int64)
    high = np.bincount(at, (steps >> LOW_BITS).astype(np.float64), size)
    low = np.bincount(at, (steps & (2**LOW_BITS - 1)).astype(np.float64), size)
    return [(int(h) << LOW_BITS) + int(one) for h, one in zip(high, low, strict=True)]
