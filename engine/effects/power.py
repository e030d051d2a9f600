"""How many customers an effect of a size needs, by the variance that was seen."""

from whalecurve.engine.statistics import normal_quantile

POWER = 0.8
"""The chance to see an effect of the size that is asked for."""


def detectable(standard_error: float, alpha: float, power: float = POWER) -> float:
    """The least effect that is seen with this power (two-sided test of level alpha): (z_{1−α/2} + z_power)·SE."""
    return (normal_quantile(1.0 - alpha / 2.0) + normal_quantile(power)) * standard_error


def times_as_many(standard_error: float, effect: float, alpha: float, power: float = POWER) -> float:
    """How many times the customers that gave this standard error are needed for an effect; variances fall as 1/n."""
    return (detectable(standard_error, alpha, power) / effect) ** 2
