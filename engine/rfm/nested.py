"""Nested R, F and M scores: F within each R score, M within each cell (R, F), by the same rule.

Thresholds then differ from group to group. Nobody may have been in a group when they were found, and somebody may
come: it takes those of the group around it, an (R, F) cell those of M within its R score, an R score those of all.
"""

import itertools
import math
import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.errors import InputError
from whalecurve.engine.rfm.scores import Thresholds, check_cuts, checked_cuts, score_of
from whalecurve.engine.settings import check_bins
from whalecurve.kernels.arrays import Int32, Vector
from whalecurve.kernels.rfm import cells, count_thresholds, counts_within, grouped, score_counts, scores, thresholds

Purchases = NDArray[np.uint32]
CutOffs = tuple[int | None, ...]
Amounts = tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NestedThresholds:
    """Fixed cut-offs for the scores 2..bins, of F for each R score, of M for each R and F score; as `Thresholds`."""

    bins: int
    days_since_last: CutOffs
    """R: the largest number of days for each score."""
    n_purchase_days: tuple[CutOffs, ...]
    """F: by R score, the smallest number of purchase days for each score."""
    value: tuple[tuple[Amounts, ...], ...]
    """M: by R score and F score, the smallest value for each score, in currency."""

    def __post_init__(self) -> None:
        check_bins(self.bins)
        check_cuts("days_since_last", self.days_since_last, bins=self.bins, in_order=operator.ge)
        _check_groups("n_purchase_days", self.n_purchase_days, self.bins)
        _check_groups("value", self.value, self.bins)
        for r, (purchases, values) in enumerate(zip(self.n_purchase_days, self.value, strict=True), start=1):
            check_cuts(f"n_purchase_days of R score {r}", purchases, bins=self.bins, in_order=operator.le)
            _check_groups(f"value of R score {r}", values, self.bins)
            for f, amounts in enumerate(values, start=1):
                check_cuts(f"value of cell ({r}, {f})", amounts, bins=self.bins, in_order=operator.le)

    @property
    def value_cuts(self) -> Vector:
        """M: float64[bins ** 2, bins - 1], a row a cell; +inf where nobody reaches the score."""
        return _filled(itertools.chain.from_iterable(self.value))

    def scores(self) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
        """R score; F score from the column r_score; M score from r_score and f_score. UInt8, null without purchase."""
        r, f = (pl.col(name).cast(pl.Int16) - 1 for name in ("r_score", "f_score"))
        days, purchases, value = pl.col("days_since_last"), pl.col("n_purchase_days"), pl.col("value")
        return (
            score_of([days <= cut for cut in self.days_since_last if cut is not None]),
            score_of([purchases >= _picked(cuts, r) for cuts in _filled(self.n_purchase_days).T]),
            score_of([value >= _picked(cuts, r * self.bins + f) for cuts in self.value_cuts.T]),
        )

    def counts(self, days: Int32, purchases: Purchases, values: Vector) -> dict[str, list[int]]:
        """How many customers, of whom those without a purchase day do not count, have each of the scores 1..bins."""
        by_days = _scores_of_days(self.days_since_last, days)
        by_purchases = _scores_of_purchases(_filled(self.n_purchase_days), purchases)
        cell = cells(days, purchases, by_days, by_purchases, self.bins)
        by_cell = score_counts(values, cell, self.value_cuts)
        of_cell = by_cell.sum(axis=1).reshape(self.bins, self.bins)
        by_score = {"r_score": of_cell.sum(axis=1), "f_score": of_cell.sum(axis=0), "m_score": by_cell.sum(axis=0)}
        return {name: counts.tolist() for name, counts in by_score.items()}

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form; floats survive JSON unchanged."""
        return {key: _as_lists(cuts) for key, cuts in asdict(self).items()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read `to_dict`'s form back; raises InputError where it is not that form."""
        bins = data["bins"]
        if type(bins) is not int:
            raise InputError(f"RFM thresholds: bins is {bins!r}, expected a whole number")
        _check_groups("n_purchase_days", data["n_purchase_days"], bins)
        _check_groups("value", data["value"], bins)
        for r, groups in enumerate(data["value"], start=1):
            _check_groups(f"value of R score {r}", groups, bins)
        return cls(
            bins=bins,
            days_since_last=checked_cuts("days_since_last", data["days_since_last"]),
            n_purchase_days=tuple(checked_cuts("n_purchase_days", cuts) for cuts in data["n_purchase_days"]),
            value=tuple(tuple(checked_cuts("value", cuts) for cuts in groups) for groups in data["value"]),
        )


AnyThresholds = Thresholds | NestedThresholds


def thresholds_from_dict(data: Mapping[str, Any]) -> AnyThresholds:
    """Thresholds of either kind, as `to_dict` wrote them.

    Raises
    ------
    InputError
        They are not that.
    """
    cuts, names = data.get("n_purchase_days"), ("bins", "days_since_last", "value")
    is_nested = isinstance(cuts, list) and any(isinstance(entry, list) for entry in cuts)
    if is_nested and all(name in data for name in names):
        return NestedThresholds.from_dict(data)
    return Thresholds.from_dict(data)


def nested_thresholds(days: Int32, purchases: Purchases, values: Vector, bins: int) -> NestedThresholds:
    """Thresholds of n customers, of whom those without a purchase day do not count.

    Linear in n but for the selection of a few order statistics within each cell.

    Parameters
    ----------
    days : int32[n], days since the last purchase day; anything where there is none
    purchases : uint32[n]; values : float64[n]

    Raises
    ------
    InputError
        `bins` outside 2..10.
    """
    check_bins(bins)
    has_purchase = purchases > 0
    by_days = np.bincount(days[has_purchase]) if has_purchase.any() else np.zeros(1, dtype=np.int64)
    places = count_thresholds(by_days[::-1].copy(), bins)
    r_cuts = tuple(by_days.size - 1 - int(place) if place < by_days.size else None for place in places)
    r_of = _scores_of_days(r_cuts, days)
    width = int(purchases.max(initial=0)) + 1
    within = counts_within(days, purchases, r_of, bins, width)
    of_all = within.sum(axis=0)
    f_cuts = tuple(_purchase_cuts(counts if counts.any() else of_all, bins) for counts in within)
    cell = cells(days, purchases, r_of, _scores_of_purchases(_filled(f_cuts), purchases), bins)
    together, starts = grouped(values, cell, bins * bins)
    return NestedThresholds(
        bins=bins, days_since_last=r_cuts, n_purchase_days=f_cuts, value=_value_cuts(together, starts, bins)
    )


def _purchase_cuts(counts: NDArray[np.int64], bins: int) -> CutOffs:
    reached = count_thresholds(np.ascontiguousarray(counts), bins)
    return tuple(int(n) if n < counts.size else None for n in reached)


def _value_cuts(together: Vector, starts: NDArray[np.int64], bins: int) -> tuple[tuple[Amounts, ...], ...]:
    """Of each cell; of a cell that is empty, the cut-offs of its R score, or, where that is too, of all."""

    def cuts(first: int, after: int) -> Amounts:
        least = thresholds(together[starts[first] : starts[after]], bins)
        return tuple(float(v) if v < math.inf else None for v in least)

    def is_empty(first: int, after: int) -> bool:
        return bool(starts[first] == starts[after])

    rows = []
    for first in range(0, bins * bins, bins):
        around: Amounts | None = None
        row = []
        for cell in range(first, first + bins):
            if not is_empty(cell, cell + 1):
                row.append(cuts(cell, cell + 1))
                continue
            if around is None:
                around = cuts(0, bins * bins) if is_empty(first, first + bins) else cuts(first, first + bins)
            row.append(around)
        rows.append(tuple(row))
    return tuple(rows)


def _scores_of_days(cuts: CutOffs, days: Int32) -> NDArray[np.uint8]:
    """R score by number of days, up to the largest that occurs."""
    every = np.arange(int(days.max(initial=0)) + 1)
    scores = np.ones(every.size, dtype=np.uint8)
    for cut in cuts:
        if cut is not None:
            scores += every <= cut
    return scores


def _scores_of_purchases(cuts: Vector, purchases: Purchases) -> NDArray[np.uint8]:
    """F score by R score and number of purchase days, uint8[bins, largest + 1]."""
    every = np.arange(int(purchases.max(initial=0)) + 1, dtype=np.float64)
    return np.stack([scores(every, row) for row in cuts])


def _filled(groups: Iterable[Sequence[float | None]]) -> Vector:
    """Cut-offs of groups, one row each, as floats: whole numbers below 2 ** 53 stay what they are."""
    return np.array([[math.inf if cut is None else float(cut) for cut in cuts] for cuts in groups])


def _picked(cuts: Vector, group: pl.Expr) -> pl.Expr:
    return pl.lit(pl.Series(cuts)).gather(group)


def _check_groups(name: str, groups: Sequence[object], bins: int) -> None:
    if not isinstance(groups, list | tuple) or len(groups) != bins:
        n = len(groups) if isinstance(groups, list | tuple) else 0
        raise InputError(f"RFM thresholds: {name} has {n} groups, expected {bins}, one for each score")


def _as_lists(cuts: object) -> object:
    return [_as_lists(cut) for cut in cuts] if isinstance(cuts, tuple) else cuts
