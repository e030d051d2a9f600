"""Sums over customers that the likelihood of credibility needs, and that likelihood at one weight.

With own means normal around the mean of all and purchases normal around these, v being the variance of one purchase
and w its share that lies between customers, the mean m of x repeat purchases has the variance v g, g = w + (1 - w) /
x. The first purchase f, which may bring another amount on average and vary more or less, is k times such a purchase:
its variance is k^2 v, and its covariance with m is k w v. Given w, the best means, k and v are in closed form or
nearly so, and are taken.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np

from whalecurve.engine.statistics import GROUPS, lots
from whalecurve.kernels.arrays import Vector

ROUNDS = 100
"""Of means and k in turns; a few do."""
NEARLY_ONE = 1.0 - 1e-6
"""The greatest weight that pairs are asked about: at 1 the first purchase would give the others away."""
SAME = 1e-12
"""A round that changes k by no larger share is the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtWeight:
    """Mean of all, variance of one purchase, log-likelihood and its derivative by the weight; NaN where none varies."""

    mean: float
    variance: float
    height: float
    slope: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendSums:
    """Of the customers with each x, ascending: their number, and sums of m, m^2, and, of pairs, f, f^2 and f m."""

    x: Vector
    n: Vector
    m: Vector
    mm: Vector
    f: Vector
    ff: Vector
    fm: Vector
    has_first: bool

    @property
    def greatest(self) -> float:
        """The greatest weight that can be asked about."""
        return NEARLY_ONE if self.has_first else 1.0

    @property
    def n_estimated(self) -> int:
        """Mean, weight and variance; of pairs also the mean and the scale of first purchases."""
        return 5 if self.has_first else 3

    def at(self, weight: float) -> AtWeight:
        """The likelihood at a weight, with everything else at its best."""
        return self._of_pairs(weight) if self.has_first else self._of_means(weight)

    def _of_means(self, weight: float) -> AtWeight:
        total = float(self.n.sum())
        g, by_weight = weight + (1.0 - weight) / self.x, 1.0 - 1.0 / self.x
        mean = float((self.m / g).sum() / (self.n / g).sum())
        squares = np.maximum(self.mm - 2.0 * mean * self.m + self.n * mean**2, 0.0)
        variance = float((squares / g).sum()) / total
        if not variance > 0.0:
            return AtWeight(mean=mean, variance=0.0, height=math.nan, slope=math.nan)
        height = -0.5 * (total * (math.log(2.0 * math.pi * variance) + 1.0) + float((self.n * np.log(g)).sum()))
        slope = 0.5 * (float((squares * by_weight / g**2).sum()) / variance - float((self.n * by_weight / g).sum()))
        return AtWeight(mean=mean, variance=variance, height=height, slope=slope)

    def _of_pairs(self, weight: float) -> AtWeight:
        total = float(self.n.sum())
        g, by_weight = weight + (1.0 - weight) / self.x, 1.0 - 1.0 / self.x
        rest = g - weight**2
        per_f, first, mean = 0.0, float(self.f.sum()) / total, float(self.m.sum()) / total
        ff, fm, mm = self._squares(first, mean)
        for _ in range(ROUNDS):
            of_f, of_m = float((g * ff / rest).sum()), float((mm / rest).sum())
            if not (of_f > 0.0 and of_m > 0.0):
                return AtWeight(mean=mean, variance=0.0, height=math.nan, slope=math.nan)
            before, per_f = per_f, math.sqrt(of_m / of_f)  # 1 / k
            if abs(per_f - before) <= SAME * per_f:
                break
            first, mean = self._means(weight, g, rest, per_f)
            ff, fm, mm = self._squares(first, mean)
        quadratic = (per_f**2 * g * ff - 2.0 * weight * per_f * fm + mm) / rest
        variance = float(quadratic.sum()) / (2.0 * total)
        log_rest = float((self.n * np.log(rest)).sum())
        height = -0.5 * (2.0 * total * (math.log(2.0 * math.pi * variance) + 1.0 - math.log(per_f)) + log_rest)
        rest_by_weight = by_weight - 2.0 * weight
        change = (per_f**2 * by_weight * ff - 2.0 * per_f * fm) / rest - quadratic * rest_by_weight / rest
        slope = -0.5 * (float(change.sum()) / variance + float((self.n * rest_by_weight / rest).sum()))
        return AtWeight(mean=mean, variance=variance, height=height, slope=slope)

    def _squares(self, first: float, mean: float) -> tuple[Vector, Vector, Vector]:
        """Sums of squares and products of deviations from two means."""
        ff = np.maximum(self.ff - 2.0 * first * self.f + self.n * first**2, 0.0)
        mm = np.maximum(self.mm - 2.0 * mean * self.m + self.n * mean**2, 0.0)
        return ff, self.fm - first * self.m - mean * self.f + self.n * first * mean, mm

    def _means(self, weight: float, g: Vector, rest: Vector, per_f: float) -> tuple[float, float]:
        """The best means of first and of repeat purchases, by generalised least squares."""
        n_g, n_w, n_1 = (float((self.n * part / rest).sum()) for part in (g, np.full_like(g, weight), np.ones_like(g)))
        f, m = per_f * self.f, self.m
        of_f, of_m = float(((g * f - weight * m) / rest).sum()), float(((m - weight * f) / rest).sum())
        determinant = n_g * n_1 - n_w**2
        first, mean = (n_1 * of_f + n_w * of_m) / determinant, (n_g * of_m + n_w * of_f) / determinant
        return first / per_f, mean

    @classmethod
    def by_lot(cls, x: Vector, m: Vector, f: Vector | None) -> list[Self]:
        """Of the customers in each group of the jackknife; f is left out where it does not vary."""
        distinct, at = np.unique(x, return_inverse=True)
        cells, size = lots(x.size) * distinct.size + at, GROUPS * distinct.size
        has_first = f is not None and bool((f != f[0]).any())
        f = f if f is not None and has_first else np.zeros_like(m)
        products = {"n": None, "m": m, "mm": m * m, "f": f, "ff": f * f, "fm": f * m}
        sums = {
            name: np.bincount(cells, weights=amounts, minlength=size).reshape(GROUPS, -1).astype(np.float64)
            for name, amounts in products.items()
        }
        each = ({name: table[lot] for name, table in sums.items()} for lot in range(GROUPS))
        return [cls(x=distinct, has_first=has_first, **parts) for parts in each]

    @classmethod
    def of_all(cls, parts: list[Self], without: int | None = None) -> Self:
        """The sums of all groups, or all but one."""
        kept = [part for lot, part in enumerate(parts) if lot != without]
        names = ("n", "m", "mm", "f", "ff", "fm")
        sums = {name: np.sum([getattr(part, name) for part in kept], axis=0) for name in names}
        some = sums["n"] > 0.0
        return cls(
            x=parts[0].x[some],
            has_first=parts[0].has_first,
            **{name: table[some] for name, table in sums.items()},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaledSpend:
    """Sums of spend around its mean in units of its greatest deviation, of all customers and of each lot.

    n : customers; centre, scale : what was taken off means, and by what they were divided
    """

    n: int
    centre: float
    scale: float
    whole: SpendSums
    lots: list[SpendSums]

    @classmethod
    def of(cls, x: Vector, m: Vector, first: Vector | None) -> Self:
        """Those of customers in ascending order of x, then m, then first."""
        centre = float(m.mean())
        scale = float(np.abs(m - centre).max()) or 1.0
        centred = None if first is None else (first - float(first.mean())) / scale
        parts = SpendSums.by_lot(x, (m - centre) / scale, centred)
        return cls(n=x.size, centre=centre, scale=scale, whole=SpendSums.of_all(parts), lots=parts)

    def without_each_lot(self) -> Iterator[SpendSums]:
        """The sums without each of the lots in turn, for a jackknife; none where there are two customers."""
        for lot in range(min(GROUPS, self.n) if self.n > 2 else 0):
            yield SpendSums.of_all(self.lots, without=lot)

    def log_likelihood(self, height: float) -> float:
        """That of the amounts themselves, of a height in these units."""
        return height - (2 if self.whole.has_first else 1) * self.n * math.log(self.scale)
