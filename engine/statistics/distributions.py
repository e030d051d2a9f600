"""Distribution functions by scipy, imported when one is first needed: scipy takes as long to import as Polars.

Arguments broadcast, as those of the scipy functions that are named. The normal quantile, which every interval needs,
does without.
"""

from statistics import NormalDist
from typing import Any

NORMAL_975 = 1.959963984540054
"""Quantile of the normal distribution that 95 % intervals reach to."""


def normal_below(z: Any) -> Any:  # noqa: ANN401 - a number or an array, as given
    """P(Z <= z) of a standard normal Z (`scipy.special.ndtr`)."""
    from scipy.special import ndtr

    return ndtr(z)


def normal_quantile(p: float) -> float:
    """The z with P(Z <= z) = p of a standard normal Z, 0 < p < 1 (the standard library's `NormalDist`)."""
    return NormalDist().inv_cdf(p)


def student_below(degrees: Any, t: Any) -> Any:  # noqa: ANN401
    """P(T <= t) of Student's T with so many degrees of freedom (`scipy.special.stdtr`)."""
    from scipy.special import stdtr

    return stdtr(degrees, t)


def student_quantile(degrees: Any, p: Any) -> Any:  # noqa: ANN401
    """The t with P(T <= t) = p of Student's T with so many degrees of freedom (`scipy.special.stdtrit`)."""
    from scipy.special import stdtrit

    return stdtrit(degrees, p)


def chi_square_above(degrees: Any, x: Any) -> Any:  # noqa: ANN401
    """P(X > x) of a chi-square X with so many degrees of freedom (`scipy.special.chdtrc`)."""
    from scipy.special import chdtrc

    return chdtrc(degrees, x)


def log_gamma(x: Any) -> Any:  # noqa: ANN401
    """The logarithm of the absolute value of Gamma(x) (`scipy.special.gammaln`)."""
    from scipy.special import gammaln

    return gammaln(x)
