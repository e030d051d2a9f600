"""Means of arms and what they differ by: the estimate, its standard error, and what is said of them."""

import math
from dataclasses import dataclass

from whalecurve.engine.effects.fieller import ratio_interval
from whalecurve.engine.statistics import student_below, student_quantile


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmMean:
    """The mean of an arm, or an estimate of it.

    variance : of the mean; degrees : of freedom that it rests on
    n : customers of the arm
    """

    mean: float
    variance: float
    degrees: float
    n: int

    def times(self, factor: float) -> "ArmMean":
        """The same in another unit."""
        return ArmMean(mean=self.mean * factor, variance=self.variance * factor**2, degrees=self.degrees, n=self.n)

    def less(self, amount: float) -> "ArmMean":
        """The mean less a known amount, as the cost of a contact."""
        return ArmMean(mean=self.mean - amount, variance=self.variance, degrees=self.degrees, n=self.n)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a treated arm's mean has more than that of the control."""

    treated: ArmMean
    control: ArmMean

    @property
    def estimate(self) -> float:
        """Treated less control."""
        return self.treated.mean - self.control.mean

    @property
    def variance(self) -> float:
        """Of the estimate; customers of two arms are not the same."""
        return self.treated.variance + self.control.variance

    @property
    def standard_error(self) -> float:
        """The root of the variance."""
        return math.sqrt(self.variance)

    @property
    def degrees(self) -> float:
        """Degrees of freedom, by Welch (1947), Biometrika 34, and Satterthwaite (1946); NaN where nothing varies."""
        return _satterthwaite([self.treated, self.control])

    @property
    def z(self) -> float:
        """The estimate in standard errors; NaN where nothing varies."""
        return self.estimate / self.standard_error if self.standard_error > 0.0 else math.nan

    @property
    def p_value(self) -> float:
        """Two-sided, by Student's t; 1 where nothing varies."""
        if not self.standard_error > 0.0:
            return 1.0
        return min(1.0, 2.0 * float(student_below(self.degrees, -abs(self.z))))

    def interval(self, level: float) -> tuple[float, float]:
        """Confidence interval of the estimate."""
        half = float(student_quantile(self.degrees, 0.5 + level / 2.0)) * self.standard_error
        half = 0.0 if self.standard_error == 0.0 else half
        return self.estimate - half, self.estimate + half

    @property
    def relative(self) -> float:
        """The estimate as a share of the control's mean; NaN where that is not positive."""
        return self.estimate / self.control.mean if self.control.mean > 0.0 else math.nan

    def relative_interval(self, level: float) -> tuple[float, float]:
        """Of `relative`, by Fieller; NaN where the control's mean is not surely above 0."""
        if not self.control.mean > 0.0:
            return math.nan, math.nan
        quantile = float(student_quantile(self.degrees, 0.5 + level / 2.0)) if self.variance > 0.0 else 0.0
        low, high = ratio_interval(
            self.treated.mean, self.control.mean, self.treated.variance, self.control.variance, 0.0, quantile
        )
        return low - 1.0, high - 1.0

    def times(self, factor: float) -> "Difference":
        """The same in another unit."""
        return Difference(treated=self.treated.times(factor), control=self.control.times(factor))


def weighted(means: list[ArmMean], weights: list[float]) -> ArmMean:
    """The mean of an arm over strata of known weights (post-stratification: Holt & Smith 1979, JRSS A 142)."""
    parts = [
        ArmMean(mean=w * part.mean, variance=w * w * part.variance, degrees=part.degrees, n=part.n)
        for part, w in zip(means, weights, strict=True)
    ]
    return ArmMean(
        mean=math.fsum(part.mean for part in parts),
        variance=math.fsum(part.variance for part in parts),
        degrees=_satterthwaite(parts),
        n=sum(part.n for part in parts),
    )


def _satterthwaite(parts: list[ArmMean]) -> float:
    total = math.fsum(part.variance for part in parts)
    squares = math.fsum(part.variance**2 / part.degrees for part in parts if part.variance > 0.0)
    return total**2 / squares if squares > 0.0 else math.nan
