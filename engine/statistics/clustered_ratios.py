"""Ratios of sums over lines, where the lines of one customer go together: what one customer does counts once.

A ratio is R = Σy / Σx over customers i, each with sums y_i, x_i over their lines: lines returned over lines sold, or
margin over revenue. Its variance rests on customers, by linearisation, Var R ≈ Σ (y_i − R·x_i)² / (Σx)² (Cochran 1977,
Sampling Techniques, section 6.3 and chapter 9: clusters of unequal size), so all that is needed are sums of y, x, y²,
yx and x² over customers.
"""

from dataclasses import dataclass

import numpy as np

from whalecurve.engine.statistics.distributions import student_below, student_quantile
from whalecurve.kernels.arrays import Vector

RESOLUTION = 1_048_576
"""Whole-number units of one mean absolute amount in which amounts are squared, so that sums of squares are exact."""


def ratios(a: Vector, b: Vector) -> Vector:
    """First over second where the second is positive, else NaN."""
    quotients: Vector = np.full(np.broadcast(a, b).shape, np.nan)
    np.divide(a, b, out=quotients, where=np.asarray(b) > 0.0)
    return quotients


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioSums:
    """Sums over customers: of y and x, and of their products. Arrays, or numbers."""

    y: Vector
    x: Vector
    yy: Vector
    yx: Vector
    xx: Vector

    @property
    def ratio(self) -> Vector:
        """Σy / Σx; NaN where Σx is not positive."""
        return ratios(self.y, self.x)

    def squares(self, ratio: Vector) -> Vector:
        """Σ (y − ratio·x)²."""
        return np.maximum(self.yy - 2.0 * ratio * self.yx + ratio * ratio * self.xx, 0.0)

    @property
    def variance(self) -> Vector:
        """Of each ratio, from residuals of its own: n / (n − 1) · Σ (y − R·x)² / (Σx)², n customers of equal weight.

        NaN where there is no ratio, or it rests on one customer.
        """
        n = self.n_effective
        return ratios(n * self.squares(self.ratio), (n - 1.0) * self.x**2)

    @property
    def design_effect(self) -> Vector:
        """How many times the variance of each ratio is that of independent lines, where y counts lines; at least 1.

        Counts divided by it are worth as many independent lines (Rao & Scott 1992, Biometrics 48). Of each ratio's own
        residuals: from those of a common ratio, what a group differs by would count as noise, and hide it.

        A ratio of 0 or 1 does not tell its own: it gets that of all ratios of the array together. The lines of one
        customer are worth one.
        """
        ratio = self.ratio
        independent = ratio * (1.0 - ratio) / self.x
        tells = np.isfinite(self.variance) & (independent > 0.0)
        squares, chances = (np.where(tells, terms * self.x**2, 0.0) for terms in (self.variance, independent))
        common = squares.sum() / chances.sum() if tells.any() else 1.0
        effect = np.where(self.n_effective > 1.0, common, self.x)
        return np.fmax(np.divide(self.variance, independent, out=effect, where=tells), 1.0)

    @property
    def n_effective(self) -> Vector:
        """Customers of equal weight x that would weigh as much: (Σx)² / Σx² (Kish 1965)."""
        return np.nan_to_num(ratios(self.x * self.x, self.xx))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Sums of a group and of the rest, and of products of the two, for customers in both: yx is of y_group·x_rest."""

    group: RatioSums
    rest: RatioSums
    yy: Vector
    yx: Vector
    xy: Vector
    xx: Vector

    def variance(self, ratio_group: Vector, ratio_rest: Vector) -> Vector:
        """Of the difference of ratios; Σ over customers of the square of what each moves it by."""
        group, rest = self.group, self.rest
        both = self.yy - ratio_rest * self.yx - ratio_group * self.xy + ratio_group * ratio_rest * self.xx
        xg, xr = (np.where(sums.x > 0.0, sums.x, np.nan) for sums in (group, rest))
        squares = group.squares(ratio_group) / xg**2 + rest.squares(ratio_rest) / xr**2 - 2.0 * both / (xg * xr)
        variance: Vector = np.maximum(squares, 0.0)
        return variance

    @property
    def pooled(self) -> Vector:
        """The ratio of group and rest together."""
        return ratios(self.group.y + self.rest.y, self.group.x + self.rest.x)

    @property
    def degrees_of_freedom(self) -> Vector:
        """One less than the customers that the smaller side rests on: few who weigh much are few."""
        return np.minimum(self.group.n_effective, self.rest.n_effective) - 1.0

    def p_values(self) -> Vector:
        """Two-sided p-values for equal ratios; 1 where a ratio is undefined, or rests on one customer.

        The variance is that under equality, from residuals of the pooled ratio: it holds its level where the
        plain one, blind to what a small group has not shown yet, does not.
        """
        degrees = self.degrees_of_freedom
        difference = self.group.ratio - self.rest.ratio
        spread = np.sqrt(self.variance(self.pooled, self.pooled))
        is_tested = (degrees > 0.0) & (spread > 0.0) & np.isfinite(difference)
        t = np.divide(difference, spread, out=np.zeros(spread.shape), where=is_tested)
        p = 2.0 * student_below(np.where(is_tested, degrees, 1.0), -np.abs(t))
        return np.where(is_tested, p, 1.0)

    def difference_interval(self, level: float) -> tuple[Vector, Vector]:
        """Interval for the difference of ratios, group less rest; NaN where there is none."""
        degrees = np.where(self.degrees_of_freedom > 0.0, self.degrees_of_freedom, np.nan)
        spread = np.sqrt(self.variance(self.group.ratio, self.rest.ratio) * (degrees + 1.0) / degrees)
        half = student_quantile(degrees, 0.5 + level / 2.0) * spread
        difference = self.group.ratio - self.rest.ratio
        return difference - half, difference + half
