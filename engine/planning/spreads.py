"""How much the metric varies among customers of the past, plain, capped and adjusted; and what that asks for."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from whalecurve.engine.effects import Cell, cap_of, moments_of
from whalecurve.engine.planning.windows import PastWindow
from whalecurve.engine.statistics import normal_below, normal_quantile
from whalecurve.kernels.arrays import Vector

KINDS = ("plain", "capped", "adjusted")
"""Tests: of the metric as it is; capped; capped and adjusted by the capped metric before, as `read_experiment` does."""


MOST_EFFECT = 10.0
"""Ten times as much again is no effect that anybody plans for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Customers of a segment in a window, or in several.

    n : customers; mean : by kind, of the metric; variance : by kind, what is left of it
    open_mean : by kind, the part of the mean that grows with what customers spend: not that of those who are cut
    """

    n: int
    mean: dict[str, float]
    variance: dict[str, float]
    open_mean: dict[str, float]


def cap_at(before: Vector, quantile: float) -> float:
    """The quantile of the metric in the days before, of those who had any where that of all is 0; infinite for none.

    As `experiment read` takes it: from what was known before.
    """
    cap = None if quantile == 1.0 else cap_of(before, quantile)
    return math.inf if cap is None else float(cap)


def capped(values: Vector, cap: float) -> Vector:
    """Values cut at the cap to both sides."""
    return values if math.isinf(cap) else np.clip(values, -cap, cap)


def spreads_of(window: PastWindow, quantile: float, names: Sequence[str]) -> dict[str, Spread]:
    """Of each segment that somebody was in; sums are exact, so that the order of the customers does not matter."""
    cap = cap_at(window.before, quantile)
    columns = {
        "y": window.after,
        "capped_y": capped(window.after, cap),
        "capped_x": capped(window.before, cap),
        "open_y": np.where(np.abs(window.after) < cap, window.after, 0.0),
    }
    stratum = window.segment.replace_strict(list(names), range(len(names)), return_dtype=pl.Int64)
    table = pl.DataFrame({name: np.rint(values).astype(np.int64) for name, values in columns.items()})
    moments = moments_of(table.with_columns(stratum=stratum, arm=pl.lit(0)), list(columns))
    return {names[s]: _spread(cell) for (s, _), cell in moments.cells.items()}


def _spread(cell: Cell) -> Spread:
    variance = cell.covariance(1, 1)
    spread = cell.covariance(2, 2)
    explained = cell.covariance(1, 2) ** 2 / spread if spread > 0.0 else 0.0
    return Spread(
        n=cell.n,
        mean={"plain": cell.mean(0), "capped": cell.mean(1), "adjusted": cell.mean(1)},
        variance={"plain": cell.covariance(0, 0), "capped": variance, "adjusted": max(variance - explained, 0.0)},
        open_mean={"plain": cell.mean(0), "capped": cell.mean(3), "adjusted": cell.mean(3)},
    )


def pooled(spreads: Sequence[Spread]) -> Spread:
    """Over customers of several windows, or of several segments within which arms are compared."""
    n = sum(spread.n for spread in spreads)

    def mean(part: str, kind: str) -> float:
        return math.fsum(spread.n * getattr(spread, part)[kind] for spread in spreads) / n if n else math.nan

    return Spread(
        n=n,
        mean={kind: mean("mean", kind) for kind in KINDS},
        variance={kind: mean("variance", kind) for kind in KINDS},
        open_mean={kind: mean("open_mean", kind) for kind in KINDS},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoArms:
    """What a test between two arms can see of an effect: each customer brings so much more, as a share.

    Customers who bring more also vary more, and those who are cut at the cap bring nothing more that could be seen: the
    difference is effect·open mean, its variance that of the past, times ((1 + growth)²/p₁ + 1/p₀)/n, where the growth
    is that of the mean that is compared. Where the metric is a yes or no, the variance is that of so many more who say
    yes.

    critical : |z| from which it says so; power : the chance that is wanted
    shares : of all customers of the experiment, in the treated arm and in the control
    is_share : whether the metric is a yes or no of each customer
    """

    critical: float
    power: float
    shares: tuple[float, float]
    is_share: bool = False

    def needed(self, spread: Spread, kind: str, effect: float) -> float:
        """Customers in all arms for a relative effect; infinite where the mean is not positive."""
        if not spread.open_mean[kind] > 0.0:
            return math.inf
        return (self._reach / (effect * spread.open_mean[kind])) ** 2 * self._variance(spread, kind, effect)

    def detectable(self, spread: Spread, kind: str, n: float) -> float:
        """The least relative effect that so many customers show; infinite where none is large enough.

        NaN where the mean is not positive.
        """
        mean = spread.open_mean[kind]
        if not (mean > 0.0 and n > 0.0):
            return math.nan
        low, high = 0.0, (1.0 - mean) / mean if self.is_share else MOST_EFFECT
        if self._missing(spread, kind, n, high) > 0.0:
            return math.inf
        for _ in range(60):
            middle = (low + high) / 2.0
            low, high = (middle, high) if self._missing(spread, kind, n, middle) > 0.0 else (low, middle)
        return high

    def _missing(self, spread: Spread, kind: str, n: float, effect: float) -> float:
        """By how much an effect is too small, in the unit of the metric: it falls with the effect, or nothing helps."""
        return self._reach * math.sqrt(self._variance(spread, kind, effect) / n) - effect * spread.open_mean[kind]

    def chance(self, spread: Spread, kind: str, n: float, effect: float) -> float:
        """The chance to see a relative effect with so many customers."""
        error = math.sqrt(self._variance(spread, kind, effect) / n) if n > 0.0 else math.nan
        if error == 0.0 and effect * spread.open_mean[kind] != 0.0:
            return 1.0  # everybody is alike, so that any difference is one
        if not error > 0.0:
            return math.nan
        at = abs(effect * spread.open_mean[kind]) / error
        return float(normal_below(at - self.critical) + normal_below(-at - self.critical))

    @property
    def _reach(self) -> float:
        return self.critical + float(normal_quantile(self.power))

    def _variance(self, spread: Spread, kind: str, effect: float) -> float:
        """Of the difference, times the customers of the experiment."""
        mean, more = spread.mean[kind], effect * spread.open_mean[kind]
        if self.is_share and 0.0 < mean < 1.0:
            then = min(mean + more, 1.0)
            grown = then * (1.0 - then) / (mean * (1.0 - mean))
        else:
            grown = (1.0 + more / mean) ** 2 if mean > 0.0 else 1.0
        return spread.variance[kind] * (grown / self.shares[0] + 1.0 / self.shares[1])
