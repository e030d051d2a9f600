"""The ratio of two estimates with its interval."""

import math


def ratio_interval(
    a: float, b: float, variance_a: float, variance_b: float, covariance: float, quantile: float
) -> tuple[float, float]:
    """Interval of a / b by Fieller (1954), Journal of the Royal Statistical Society B 16, 175-185.

    All r for which a − r·b is within `quantile` of its standard errors from 0. NaN twice where b may be 0: the set is
    then no interval.
    """
    g = b * b - quantile**2 * variance_b
    if not g > 0.0:
        return math.nan, math.nan
    middle = a * b - quantile**2 * covariance
    room = middle**2 - g * (a * a - quantile**2 * variance_a)
    half = math.sqrt(max(room, 0.0))
    return (middle - half) / g, (middle + half) / g
