"""Stage: customer summary -> R, F and M scores, 1 to bins, equal values always scored equal.

R is days_since_last (fewer is better), F is n_purchase_days, M is `value`. Of n customers one with w strictly
worse ones scores 1 + floor(bins * w / n): the worst value scores 1 however many share it. Thresholds are
found once, in memory; applying them is a lazy, row-by-row expression that gives the very
same scores, to these customers or to new ones. They are quantiles, or given (`rfm_cuts`);
`rfm_nested` has those that differ from cell to cell.
"""

import functools
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise, product
from typing import Any, Protocol, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.coded_words import picked
from whalecurve.engine.errors import InputError
from whalecurve.engine.settings import check_bins
from whalecurve.kernels.rfm import count_thresholds, thresholds

RULE = "1 + floor(rfm_bins * share of the customers who are strictly worse)"
"""How scores are found, as results record it."""

Order = Callable[[float, float], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Fixed cut-offs for the scores 2..bins, one entry a score; None where no customer reached it.

    A customer has the best score whose cut-off is met. Two scores with equal cut-offs: the
    lower of them is skipped, as a group of equal customers is not divided.
    """

    bins: int
    days_since_last: tuple[int | None, ...]
    """R: the largest number of days for each score."""
    n_purchase_days: tuple[int | None, ...]
    """F: the smallest number of purchase days for each score."""
    value: tuple[float | None, ...]
    """M: the smallest value for each score, in currency."""

    def __post_init__(self) -> None:
        check_bins(self.bins)
        check_cuts("days_since_last", self.days_since_last, bins=self.bins, in_order=operator.ge)
        check_cuts("n_purchase_days", self.n_purchase_days, bins=self.bins, in_order=operator.le)
        check_cuts("value", self.value, bins=self.bins, in_order=operator.le)

    def scores(self) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
        """R, F and M scores, UInt8; null where there is no purchase day."""
        return (
            score_of([pl.col("days_since_last") <= cut for cut in self.days_since_last if cut is not None]),
            score_of([pl.col("n_purchase_days") >= cut for cut in self.n_purchase_days if cut is not None]),
            score_of([pl.col("value") >= cut for cut in self.value if cut is not None]),
        )

    def counts(
        self, days: NDArray[np.int64], purchases: NDArray[np.int64], values: NDArray[np.float64]
    ) -> dict[str, list[int]]:
        """How many of the customers whom `thresholds_of` describes alike have each of the scores 1..bins."""
        reached = {
            "r_score": [0 if cut is None else int(days[: max(cut + 1, 0)].sum()) for cut in self.days_since_last],
            "f_score": [0 if cut is None else int(purchases[max(cut, 0) :].sum()) for cut in self.n_purchase_days],
            "m_score": [0 if cut is None else int(np.count_nonzero(values >= cut)) for cut in self.value],
        }
        return {score: [a - b for a, b in pairwise((values.size, *n, 0))] for score, n in reached.items()}

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form; floats survive JSON unchanged."""
        return {key: list(cuts) if isinstance(cuts, tuple) else cuts for key, cuts in asdict(self).items()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read `to_dict`'s form back; raises InputError where it is not that form."""
        names = ("days_since_last", "n_purchase_days", "value")
        missing = [name for name in ("bins", *names) if name not in data]
        if missing:
            raise InputError(f"RFM thresholds: no {', '.join(missing)}; pass the thresholds of a model.json")
        if type(data["bins"]) is not int:
            raise InputError(f"RFM thresholds: bins is {data['bins']!r}, expected a whole number")
        cuts = {name: checked_cuts(name, data[name]) for name in names}
        return cls(bins=data["bins"], **cuts)


def checked_cuts(name: str, cuts: object) -> tuple[Any, ...]:
    """Cut-offs of one list as JSON has them; raises InputError for anything else."""
    kinds = (int, float) if name == "value" else (int,)
    if not isinstance(cuts, list | tuple):
        raise InputError(f"RFM thresholds: {name} is {cuts!r}, expected a list of one number a score")
    for cut in cuts:
        if cut is not None and (isinstance(cut, bool) or not isinstance(cut, kinds) or not math.isfinite(cut)):
            expected = "a finite number" if name == "value" else "a whole number"
            raise InputError(f"RFM thresholds: {name} has {cut!r}, expected {expected}, or null for a score not given")
    return tuple(float(cut) if name == "value" and cut is not None else cut for cut in cuts)


def check_cuts(name: str, cuts: Sequence[float | None], *, bins: int, in_order: Order) -> None:
    """Raise InputError for too few or too many cut-offs, or out of order."""
    if len(cuts) != bins - 1:
        raise InputError(f"RFM thresholds: {name} has {len(cuts)} cut-offs, expected {bins - 1} for {bins} scores")
    for score, (worse, better) in enumerate(pairwise(cuts), start=3):
        if better is not None and (worse is None or not in_order(worse, better)):
            given = f"{better:g} for score {score} after {'none' if worse is None else f'{worse:g}'}"
            raise InputError(f"RFM thresholds: {name} has {given}; order the cut-offs from worst to best score")


def rfm_thresholds(customers: pl.DataFrame, bins: int = 5) -> Thresholds:
    """Thresholds of the quantile scores, 1 + floor(bins * share of those strictly worse), of these customers.

    Only customers with a purchase day count. Without any, every entry is None.
    Raises InputError for bins outside 2..10.
    """
    scored = customers.select("n_purchase_days", "days_since_last", "value").filter(pl.col("n_purchase_days") > 0)
    days, purchases, values = (scored[name].to_numpy() for name in ("days_since_last", "n_purchase_days", "value"))
    return thresholds_of(np.bincount(days), np.bincount(purchases), values, bins)


def thresholds_of(
    days: NDArray[np.int64], purchases: NDArray[np.int64], values: NDArray[np.float64], bins: int
) -> Thresholds:
    """Thresholds of customers with a purchase day.

    `days[d]` is how many of them have d days since the last one, `purchases[p]` how many have p purchase days;
    `values` holds the value of each.
    """
    check_bins(bins)
    r = count_thresholds(
        days[::-1].copy(), bins
    )  # fewer days are better: position p of the reverse is size - 1 - p days
    f = count_thresholds(purchases, bins)
    m = thresholds(values, bins)
    return Thresholds(
        bins=bins,
        days_since_last=tuple(days.size - 1 - int(p) if p < days.size else None for p in r),
        n_purchase_days=tuple(int(p) if p < purchases.size else None for p in f),
        value=tuple(float(v) if v < math.inf else None for v in m),
    )


def score_of(reached: Sequence[pl.Expr]) -> pl.Expr:
    """1 plus how many cut-offs are reached, UInt8; null where there is no purchase day."""
    score = functools.reduce(operator.add, (cut.cast(pl.UInt8) for cut in reached), pl.lit(1, pl.UInt8))
    return pl.when(pl.col("n_purchase_days") > 0).then(score)


class CutOffs(Protocol):
    """Thresholds of either kind."""

    @property
    def bins(self) -> int:
        """Levels of each score."""
        ...

    def scores(self) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
        """R, F and M scores; each may rest on the columns of those before it."""
        ...


def with_rfm(customers: pl.LazyFrame, thresholds: CutOffs) -> pl.LazyFrame:
    """Add r_score, f_score, m_score (UInt8) and rfm_score ("545"; "10-9-10" for more than 9 bins).

    All four are null for a customer without a purchase day.
    """
    scored = customers
    for name, score in zip(("r_score", "f_score", "m_score"), thresholds.scores(), strict=True):
        scored = scored.with_columns(score.alias(name))  # one by one: a nested score rests on those before it
    r, f, m = (pl.col(name).cast(pl.Int16) - 1 for name in ("r_score", "f_score", "m_score"))
    bins, between = thresholds.bins, "" if thresholds.bins <= 9 else "-"
    words = [between.join(map(str, scores)) for scores in product(range(1, bins + 1), repeat=3)]
    return scored.with_columns(rfm_score=picked(words, (r * bins + f) * bins + m))
