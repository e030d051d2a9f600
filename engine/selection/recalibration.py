"""Probabilities of a purchase set right: what a holdout says that the model's probabilities were worth.

A monotone map from the model's P(purchase) to the share who bought, learnt on a log split one risk horizon before its
end: isotonic regression by pooling adjacent violators (Ayer, Brunk, Ewing, Reid & Silverman 1955, Annals of
Mathematical Statistics 26(4), 641-647; as calibration, Zadrozny & Elkan 2002, KDD), over customers in order of their
probability, `TOGETHER` or more that are neighbours counted as one. Between the middles of the pooled blocks the map is
a straight line, beyond them it is level (centred isotonic regression: Oron & Flournoy 2017, Statistics in
Biopharmaceutical Research 9(3), 258-267), so that customers keep their order but for the ends.

It is held against days that it has not seen: learnt once more at a split one risk horizon earlier, and applied to the
model's probabilities for the last one.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from whalecurve.engine.selection.holdout import Holdout
from whalecurve.engine.statistics import Margin, brier, calibration_error, margin_of
from whalecurve.kernels.arrays import Vector

TOGETHER = 50
"""Customers at least whose share is taken together: its standard error is 0.07 at most."""

Points = tuple[tuple[float, float], ...]
"""Probabilities of the model, ascending, and what they are worth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecalibrationTest:
    """A map learnt on the days up to `split`, held against the days after it.

    days : how many are predicted; n_customers, n_bought : known at the split, and those of them who bought
    brier, calibration_error : of the model's probabilities, and of what the map makes of them
    margin : Brier score with the map less that without
    """

    split: str
    days: int
    n_customers: int
    n_bought: int
    brier: tuple[float, float]
    calibration_error: tuple[float, float]
    margin: Margin

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return asdict(self) | {"margin": self.margin.to_dict()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalibration:
    """What a run makes of probabilities of a purchase, and why.

    points : of the map; none where there is none, see `reason`
    split : the last day before the days that it was learnt on; n_customers : known then
    test : None where there was none; untested : why
    reason : why probabilities are left as the model has them; None where they are not
    """

    points: Points = ()
    split: str | None = None
    n_customers: int = 0
    test: RecalibrationTest | None = None
    untested: str | None = None
    reason: str | None = None

    @property
    def is_applied(self) -> bool:
        """Whether probabilities are changed."""
        return self.reason is None

    def of(self, p: Vector) -> Vector:
        """What probabilities are worth: float64[n], NaN stays; the same where none are changed."""
        return mapped(self.points, p) if self.is_applied else p

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        return {
            "is_applied": self.is_applied,
            "reason": self.reason,
            "split": self.split,
            "customers": self.n_customers,
            "points": [list(point) for point in self.points],
            "test": None if self.test is None else self.test.to_dict(),
            "untested": self.untested,
        }

    @classmethod
    def from_dict(cls, record: dict[str, Any] | None) -> Self | None:
        """That of an old run, whose map is taken as it is; None where it had none."""
        if record is None:
            return None
        points = tuple((float(p), float(share)) for p, share in record["points"])
        return cls(
            points=points,
            split=record["split"],
            n_customers=record["customers"],
            reason=record["reason"],
        )

    @property
    def warnings(self) -> list[str]:
        """What a reader should know, in whole sentences."""
        if self.reason is not None:
            return [f"probabilities of a purchase are not recalibrated: {self.reason}"]
        if self.untested is not None:
            return [f"probabilities of a purchase are recalibrated, which is not tested: {self.untested}"]
        return []


def mapped(points: Sequence[tuple[float, float]], p: Vector) -> Vector:
    """Straight lines between the points, level beyond them; NaN stays."""
    at, shares = np.array(points).T
    worth: Vector = np.interp(p, at, shares)
    return np.where(np.isnan(p), np.nan, worth)


def learnt(p: Vector, happened: NDArray[np.bool_]) -> Points:
    """The points of the map that these customers teach.

    Parameters
    ----------
    p : float64[n]
        Probabilities, no NaN.
    happened : bool[n]
        Who bought.
    """
    from scipy.optimize import isotonic_regression  # costs more to import than most runs need

    middles, shares, n = _neighbours(p, happened)
    pooled = isotonic_regression(shares, weights=n)
    starts = pooled.blocks[:-1]
    counts = np.add.reduceat(n, starts)
    at = np.add.reduceat(n * middles, starts) / counts
    worth = np.add.reduceat(n * shares, starts) / counts
    return tuple(zip(at.tolist(), worth.tolist(), strict=True))


def _neighbours(p: Vector, happened: NDArray[np.bool_]) -> tuple[Vector, Vector, Vector]:
    """Mean probability, share who bought, and number of customers, `TOGETHER` at least; equal ones are together."""
    values, at, counts = np.unique(p + 0.0, return_inverse=True, return_counts=True)
    bought = np.bincount(at, weights=happened.astype(np.float64), minlength=values.size)
    starts, n = [0], 0
    for i, count in enumerate(counts.tolist()):
        if n >= TOGETHER:
            starts.append(i)
            n = 0
        n += count
    if n < TOGETHER and len(starts) > 1:
        starts.pop()  # too few are left: they belong to those before
    sizes = np.add.reduceat(counts, starts).astype(np.float64)
    return np.add.reduceat(counts * values, starts) / sizes, np.add.reduceat(bought, starts) / sizes, sizes


def recalibration_of(last: Holdout | str, before: Holdout | str, days: int) -> Recalibration:
    """The map of the last holdout, unless one of an earlier holdout has made the last one's probabilities worse.

    Parameters
    ----------
    last, before
        The log split one risk horizon before its end, and the same once more before that split; or why they are not.
    days
        The risk horizon.
    """
    if isinstance(last, str):
        return Recalibration(reason=last)
    p, happened = known(last)
    if not p.size:
        return Recalibration(reason=f"no answer for {last.customers}")
    found = Recalibration(points=learnt(p, happened), split=last.split.last_day, n_customers=p.size)
    if isinstance(before, str):
        return replace(found, untested=before)
    then = known(before)
    if not then[0].size:
        return replace(found, untested=f"no answer for {before.customers}")
    test = held_against(learnt(*then), p, happened, last.split.last_day, days)
    if test.margin.is_clear:
        worse = " to ".join(f"{score:.4f}" for score in test.brier)
        reason = f"learnt one risk horizon earlier, it makes the Brier score of the last one worse, {worse}"
        return replace(found, test=test, reason=reason)
    return replace(found, test=test)


def known(holdout: Holdout) -> tuple[Vector, NDArray[np.bool_]]:
    """Probabilities of a purchase in a holdout and who bought, of those with an answer."""
    p = holdout.p_alive * (1.0 - holdout.quiet)
    has_answer = ~np.isnan(p)
    return p[has_answer], holdout.past.has_bought[has_answer]


def held_against(points: Points, p: Vector, happened: NDArray[np.bool_], split: str, days: int) -> RecalibrationTest:
    """What a map makes of probabilities that it has not seen."""
    worth = mapped(points, p)
    return RecalibrationTest(
        split=split,
        days=days,
        n_customers=p.size,
        n_bought=int(np.count_nonzero(happened)),
        brier=(brier(p, happened), brier(worth, happened)),
        calibration_error=(calibration_error(p, happened), calibration_error(worth, happened)),
        margin=margin_of((worth - happened) ** 2, (p - happened) ** 2),
    )
