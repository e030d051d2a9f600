"""Exact sums and sums of squares of customers' numbers by segment, and by segment and what may split it.

Sums are whole numbers of steps, added up by the kernel that segments are summed with, so they are the same for any
order of the customers. Money is told in a power of two above the largest value of any customer: squares fit, and their
steps, 2**-56 of it squared, are far below what a float of a sum could tell.
"""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.coded_words import filled, positions
from whalecurve.engine.runtime import frozen
from whalecurve.engine.segments import LABELS
from whalecurve.kernels.group_sums import LOW, MOST_ROWS, add_up

MEASURES = ("value", "clv", "gap")
"""What segments are to tell apart: value, customer lifetime value, mean days between purchases of repeat customers."""

SPLITS = {
    "rfm": ("r_score", "f_score", "m_score", "clv_tier", "lifecycle_stage"),
    "matrix": ("r_score", "f_score", "m_score", "lifecycle_stage", "loyalty_tier"),
}
"""Columns that the segments of a scheme may be split by."""

AT_ONCE = len(LABELS)
"""Groupings that the kernel is compiled for."""

MONEY_BITS, DAY_BITS = 56, 40
Coded = tuple[list[str], NDArray[np.uint16]]
"""Labels that there may be, and for each customer the position of their own; their number for none."""
MOST_GROUPS = 2**16


@dataclass(frozen=True, slots=True)
class Moments:
    """Of the customers who have a number: how many, Σx and Σx², exact."""

    n: int
    total: Fraction
    squares: Fraction

    def __add__(self, other: "Moments") -> "Moments":
        """Those of both together."""
        return Moments(self.n + other.n, self.total + other.total, self.squares + other.squares)

    @property
    def scatter(self) -> Fraction:
        """Σ(x - mean)²; 0 without customers."""
        return max(self.squares - self.total**2 / self.n, Fraction(0)) if self.n else Fraction(0)


NONE = Moments(0, Fraction(0), Fraction(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The customers of one group: how many, and the moments of each measure, in the order of `MEASURES`."""

    customers: int
    moments: tuple[Moments, ...]

    def __add__(self, other: "Group") -> "Group":
        """Both together."""
        pairs = zip(self.moments, other.moments, strict=True)
        return Group(customers=self.customers + other.customers, moments=tuple(a + b for a, b in pairs))


NOBODY = Group(customers=0, moments=(NONE,) * len(MEASURES))


class QualitySums:
    """The sums, of customers that come in batches, in any order and from several threads."""

    def __init__(self, largest_value: float, bins: int) -> None:
        """Nobody has come yet.

        Parameters
        ----------
        largest_value
            The largest absolute value of any customer, in currency.
        bins
            Scores run from 1 to so many.
        """
        self._unit = 2.0 ** math.ceil(math.log2(largest_value)) if largest_value > 0.0 else 1.0
        self._bins = bins
        self._lock = threading.Lock()
        self._sums: dict[tuple[str, ...], NDArray[Any]] = {}
        self._names: dict[str, list[str]] = {}

    def add(self, batch: pl.DataFrame) -> None:
        """Take some customers, with their labels as Enums."""
        for start in range(0, batch.height, MOST_ROWS):
            self._add(batch[start : start + MOST_ROWS])

    def of(self, *keys: str) -> dict[tuple[str | None, ...], Group]:
        """The customers by scheme, or by scheme and the column that splits its segments.

        A label is the name of the segment, and the text of what splits it; None: the customers without one.
        """
        sums = self._sums.get(keys)
        if sums is None:
            return {}
        names: list[list[str | None]] = [[*self._names[key], None] for key in keys]
        if len(keys) == 1:
            labels: list[tuple[str | None, ...]] = [(name,) for name in names[0]]
        else:
            labels = [(segment, part) for segment in names[0] for part in names[1]]
        return {label: self._group(row.tolist()) for label, row in zip(labels, sums, strict=True) if row[0]}

    @property
    def schemes(self) -> list[str]:
        """The schemes that customers have labels of."""
        return [scheme for scheme in LABELS if (scheme,) in self._sums]

    def _group(self, row: list[int]) -> Group:
        moments = []
        for at, measure in enumerate(MEASURES):
            n, high, low, n_2, high_2, low_2 = row[2 + 6 * at : 8 + 6 * at]
            if n_2 < n:  # a square of too many steps: a CLV of thousands of times the largest value
                moments.append(NONE)
                continue
            unit, steps = (Fraction(1), 2**DAY_BITS) if measure == "gap" else (Fraction(self._unit), 2**MONEY_BITS)
            moments.append(
                Moments(
                    n,
                    unit * Fraction(high * int(LOW) + low, steps),
                    unit * unit * Fraction(high_2 * int(LOW) + low_2, steps),
                )
            )
        return Group(customers=row[0], moments=tuple(moments))

    def _add(self, batch: pl.DataFrame) -> None:
        numbers, scales = self._numbers(batch)
        codes = {scheme: _codes(batch[column]) for scheme, column in LABELS.items() if column in batch.columns}
        own: dict[tuple[str, ...], Coded] = {(scheme,): code for scheme, code in codes.items()}
        for scheme, columns in SPLITS.items():
            for column in columns if scheme in codes else ():
                if column in batch.columns:
                    part = self._scores(batch[column]) if column.endswith("_score") else _codes(batch[column])
                    codes[column] = part
                    if _size(codes[scheme]) * _size(part) <= MOST_GROUPS:
                        own[scheme, column] = _crossed(codes[scheme], part)
        for first in range(0, len(own), AT_ONCE):
            keys = list(own)[first : first + AT_ONCE]
            self._take(keys, [own[key] for key in keys], numbers, scales, batch.height)
        with self._lock:
            self._names |= {name: words for name, (words, _) in codes.items()}

    def _take(
        self,
        keys: Sequence[tuple[str, ...]],
        codes: Sequence[Coded],
        numbers: tuple[NDArray[np.float64], ...],
        scales: NDArray[np.float64],
        n: int,
    ) -> None:
        sizes = [_size(code) for code in codes]
        starts = np.cumsum([0, *sizes])
        absent = frozen(np.empty(0, np.uint16))
        arrays = [frozen(code) for _, code in codes] + [absent] * (AT_ONCE - len(codes))
        sums = np.zeros((starts[-1], 2 + 3 * len(numbers)), np.int64)
        # one kind of arguments, the one that segments are summed with: numba compiles the kernel once
        add_up(tuple(arrays), np.resize(starts, AT_ONCE), frozen(np.zeros(n, np.int64)), numbers, scales, sums)
        with self._lock:
            for key, start, size in zip(keys, starts, sizes, strict=False):
                part = sums[start : start + size].astype(object)  # whole numbers of any length
                self._sums[key] = part if key not in self._sums else self._sums[key] + part

    def _numbers(self, batch: pl.DataFrame) -> tuple[tuple[NDArray[np.float64], ...], NDArray[np.float64]]:
        """Each measure and its square, NaN where a customer has none, and steps in 1."""
        numbers: list[NDArray[np.float64]] = []
        for measure in MEASURES:
            if measure == "gap":
                x = _gaps(batch)
            elif measure in batch.columns:
                x = batch[measure].cast(pl.Float64).to_numpy() / self._unit
            else:
                x = np.full(batch.height, np.nan)
            numbers += [frozen(x), frozen(x * x)]
        scales = [2.0**DAY_BITS if measure == "gap" else 2.0**MONEY_BITS for measure in MEASURES for _ in range(2)]
        return tuple(numbers), np.array(scales)

    def _scores(self, scores: pl.Series) -> Coded:
        codes = filled(scores.cast(pl.Int64), self._bins + 1).astype(np.uint16) - np.uint16(1)
        return [str(score) for score in range(1, self._bins + 1)], codes


def _gaps(batch: pl.DataFrame) -> NDArray[np.float64]:
    """Mean days between the purchase days of each customer; NaN for who has bought on fewer than two."""
    n = pl.col("n_purchase_days").cast(pl.Float64) - 1.0
    days = (pl.col("last_purchase") - pl.col("first_purchase")).dt.total_days()
    return batch.select(pl.when(n > 0.0).then(days / n)).to_series().to_numpy()


def _codes(labels: pl.Series) -> Coded:
    assert isinstance(labels.dtype, pl.Enum), "labels are Enums until they are written"
    return labels.dtype.categories.to_list(), positions(labels)


def _size(coded: Coded) -> int:
    return len(coded[0]) + 1


def _crossed(segment: Coded, part: Coded) -> Coded:
    """Positions of pairs, the part running fastest; the names of the pairs are those of both."""
    width = _size(part)
    return [""] * (_size(segment) * width - 1), segment[1] * np.uint16(width) + part[1]
