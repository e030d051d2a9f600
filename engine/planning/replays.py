"""The test tried on the past: customers assigned again and again where nothing was done, and where an effect is added.

Where nothing was done, the test should see an effect as often as alpha says; where one is added, as often as the
formula says. Both are counted, with bounds: replays are independent draws of the arms, whatever the customers did.
The estimator is that of `effects.arm_means`, here of many assignments of the same customers.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.effects import LEAST_A_COVARIATE
from whalecurve.engine.experiments import PLACES, places_of
from whalecurve.engine.planning.spreads import cap_at, capped
from whalecurve.engine.planning.windows import PastWindow
from whalecurve.engine.statistics import student_quantile
from whalecurve.kernels.arrays import Int64, Vector

MOST_REPLAYED = 10_000
"""Customers of a window who are assigned in a replay, at most."""

LEAST = 20
"""Customers of a stratum that are to be expected in the smaller arm: twice what `read` asks for, so that chance leaves
enough; strata with fewer are taken together."""

TESTS = ("plain", "adjusted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replays:
    """What came of the replays of one test.

    n : replays; false_alarms : those in which nothing was done, and an effect was seen
    seen : those in which the effect was added, and seen
    """

    test: str
    n: int
    false_alarms: int
    seen: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Replayed:
    """Customers of a window who are assigned: their ids, strata as numbers, the metric in the window and before."""

    ids: pl.Series
    strata: Int64
    after: Vector
    before: Vector


def replayed(window: PastWindow, ids: pl.Series, draw: Int64, n: int, shares: tuple[float, float]) -> Replayed:
    """At most n customers of a window, those with the least places; small strata are taken together."""
    chosen = np.sort(np.argsort(draw[window.who], kind="stable")[: min(n, MOST_REPLAYED)])
    codes = window.segment.gather(chosen).rank("dense").cast(pl.Int64).to_numpy() - 1
    small = np.bincount(codes) * min(shares) < LEAST
    together = np.where(small[codes], -1, codes)
    _, strata = np.unique(together, return_inverse=True)
    return Replayed(
        ids=ids.gather(window.who[chosen]),
        strata=strata.astype(np.int64),
        after=window.after[chosen],
        before=window.before[chosen],
    )


def replay(
    customers: Replayed,
    quantile: float,
    shares: tuple[float, float],
    effect: float,
    alpha: float,
    numbers: range,
    *,
    is_share: bool = False,
) -> list[Replays]:
    """Assign by the hash of `replay-0:ID`, `replay-1:ID` ..., and test each time; a row for each of `TESTS`.

    Replays of other customers, or of these at another time, need other numbers: they would be no new draws.

    Each treated customer brings more by the effect; where the metric is a yes or no (`is_share`), as many more say yes,
    and another hash decides who.
    """
    cap = cap_at(customers.before, quantile)
    before = capped(customers.before, cap)
    outcomes = {test: np.zeros((2, 2, len(numbers))) for test in TESTS}  # z and degrees, without and with effect
    for k, (number, is_treated, is_in) in enumerate(_assignments(customers.ids, shares, numbers)):
        strata, treated = customers.strata[is_in], is_treated[is_in]
        grown = _converted(customers, effect, number) if is_share else customers.after * (1.0 + effect)
        for j, own in enumerate((customers.after, np.where(is_treated, grown, customers.after))):
            after = own[is_in]
            outcomes["plain"][j, :, k] = difference(after, None, strata, treated)
            outcomes["adjusted"][j, :, k] = difference(capped(after, cap), before[is_in], strata, treated)
    return [_counted(test, outcomes[test], alpha) for test in TESTS]


def _converted(customers: Replayed, effect: float, number: int) -> Vector:
    """Yes or no of each customer, with so many more who say yes."""
    rate = float(customers.after.mean())
    more = min(effect * rate / (1.0 - rate), 1.0) if rate < 1.0 else 0.0
    bucket = places_of(customers.ids, f"replay-{number}-effect") / PLACES
    says: Vector = np.maximum(customers.after, (bucket < more).astype(np.float64))
    return says


def _assignments(
    ids: pl.Series, shares: tuple[float, float], numbers: range
) -> Iterator[tuple[int, NDArray[np.bool_], NDArray[np.bool_]]]:
    """By number: who is treated, and who is in one of the two arms."""
    for number in numbers:
        bucket = places_of(ids, f"replay-{number}") / PLACES
        yield number, bucket < shares[0], bucket < shares[0] + shares[1]


def _counted(test: str, outcomes: NDArray[np.float64], alpha: float) -> Replays:
    counts = []
    for z, degrees in outcomes:
        is_defined = np.isfinite(z) & np.isfinite(degrees)
        bound = student_quantile(np.where(is_defined, degrees, 1.0), 1.0 - alpha / 2.0)
        counts.append(int((is_defined & (np.abs(z) > bound)).sum()))
    return Replays(test=test, n=outcomes.shape[2], false_alarms=counts[0], seen=counts[1])


def difference(y: Vector, x: Vector | None, strata: Int64, treated: NDArray[np.bool_]) -> tuple[float, float]:
    """The difference of two arms over strata in standard errors, and its degrees of freedom; see `effects.arm_means`.

    x : the covariate; None for none
    """
    cell = 2 * strata + treated
    size = 2 * (int(strata.max()) + 1)
    n = np.bincount(cell, minlength=size).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(cell, y, size) / n
        dy = y - mean[cell]
        weight, leverage, slopes_used = (1.0 / n)[cell], (1.0 / n)[cell], np.zeros(size)
        if x is not None:
            centre = np.bincount(cell, x, size) / n
            dx = x - centre[cell]
            sxx, sxy = np.bincount(cell, dx * dx, size), np.bincount(cell, dx * dy, size)
            whole = np.repeat((centre * n).reshape(-1, 2).sum(axis=1) / n.reshape(-1, 2).sum(axis=1), 2)
            is_usable = (n >= 2 * LEAST_A_COVARIATE) & (sxx > 0.0)
            is_used = np.repeat(is_usable.reshape(-1, 2).all(axis=1), 2)
            inverse = np.where(is_used, 1.0 / np.where(sxx > 0.0, sxx, 1.0), 0.0)
            slope, apart = sxy * inverse, whole - centre
            mean = mean + slope * apart
            dy = dy - slope[cell] * dx
            weight = weight + (apart * inverse)[cell] * dx
            leverage = leverage + inverse[cell] * dx * dx
            slopes_used = is_used.astype(np.float64)
        told = leverage < 1.0 - 1e-9
        terms = np.where(told, (weight * dy) ** 2 / np.where(told, 1.0 - leverage, 1.0), 0.0)
        variance, degrees = np.bincount(cell, terms, size), np.maximum(n - 1.0 - slopes_used, 1.0)
        share = np.repeat(n.reshape(-1, 2).sum(axis=1) / n.sum(), 2)
        parts = share**2 * variance
        arms = parts.reshape(-1, 2).sum(axis=0)
        own = arms**2 / (parts**2 / degrees).reshape(-1, 2).sum(axis=0)
        total = arms.sum()
        estimate = (share * mean).reshape(-1, 2).sum(axis=0)
        return float((estimate[1] - estimate[0]) / np.sqrt(total)), float(total**2 / (arms**2 / own).sum())
