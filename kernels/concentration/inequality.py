"""Measures of inequality: Gini coefficient, HHI, Theil T, Hoover, Palma, Pareto tail exponent.

Every function takes the values in ascending order and is O(n), with the serial, compensated sums of `curves`.
All but the Gini coefficients and the tail exponent need a total that is positive and no negative value; they are NaN
without, and so where a value is NaN.
"""

import math

import numpy as np
from numpy.typing import NDArray

from whalecurve.kernels.arrays import Vector
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.concentration.curves import add, end_sum, top_share, total, total_absolute

TOP, BOTTOM = 0.1, 0.4  # of Palma's ratio
TAIL = 10  # one value in so many is in the tail
SMALL = 0.125  # relative gap up to which a series keeps more digits than the logarithm
N_TERMS = 16  # enough of it for SMALL


@scalar
def are_shares(ascending: Vector) -> bool:
    """Whether the values can be parts of a whole: none negative, the total positive."""
    return len(ascending) > 0 and ascending[0] >= 0.0 and total(ascending) > 0.0


@scalar
def herfindahl(ascending: Vector) -> float:
    r"""Herfindahl-Hirschman index, in [1/n, 1]; its inverse is the number of equal values that are as concentrated.

    .. math:: \sum_i (y_i / S)^2

    Source: Hirschman (1964), American Economic Review 54(5), 761-762; the inverse: Adelman (1969), Review of
    Economics and Statistics 51(1), 99-101.

    Parameters
    ----------
    ascending
        float64[n], ascending and C-contiguous.

    Returns
    -------
    float64
        NaN where values are no parts of a whole.

    Examples
    --------
    >>> import numpy as np
    >>> from whalecurve.kernels.concentration import herfindahl
    >>> herfindahl(np.array([1.0, 1.0, 2.0]))
    0.375
    """
    if not are_shares(ascending):
        return math.nan
    whole = total(ascending)
    head, tail = 0.0, 0.0
    for y in ascending:
        share = y / whole
        head, tail = add(head, tail, share * share)
    return head + tail


@scalar
def _excess(d: float) -> float:
    r"""The term :math:`r \ln r - r + 1` of Theil's T at r = 1 + d, for d >= -1: never negative, least at d = 0.

    The logarithm loses digits where d is small; there it is :math:`\sum_{k \ge 2} (-d)^k / (k (k - 1))`.
    """
    if d <= -1.0:
        return 1.0
    if abs(d) > SMALL:
        return (1.0 + d) * math.log1p(d) - d
    series = 0.0
    for k in range(N_TERMS, 1, -1):
        series = 1.0 / (k * (k - 1)) - d * series
    return d * d * series


@scalar
def theil(ascending: Vector) -> float:
    r"""Theil's T, in [0, ln n].

    .. math:: \frac{1}{n} \sum_i \frac{y_i}{\mu} \ln \frac{y_i}{\mu}
              = \frac{1}{n} \sum_i \left( \frac{y_i}{\mu} \ln \frac{y_i}{\mu} - \frac{y_i}{\mu} + 1 \right)

    Source: Theil (1967), Economics and Information Theory, ch. 4. In the second form no term is negative, so nothing
    cancels where the values are nearly equal.

    Parameters
    ----------
    ascending
        float64[n], ascending and C-contiguous.

    Returns
    -------
    float64
        NaN where values are no parts of a whole.

    Examples
    --------
    >>> import numpy as np
    >>> from whalecurve.kernels.concentration import theil
    >>> round(theil(np.array([1.0, 1.0, 2.0])), 6)
    0.058892
    """
    if not are_shares(ascending):
        return math.nan
    n = len(ascending)
    mean = total(ascending) / n
    head, tail = 0.0, 0.0
    for y in ascending:
        head, tail = add(head, tail, _excess((y - mean) / mean))
    return (head + tail) / n


@scalar
def theil_split(grouped: Vector, ends: NDArray[np.int64]) -> tuple[float, float]:
    r"""Theil's T between groups and within them; the two add up to T of all values.

    .. math:: T = \frac{1}{n} \sum_g n_g \frac{\mu_g}{\mu} \ln \frac{\mu_g}{\mu}
              + \sum_g \frac{S_g}{S} T_g

    Source: Theil (1967), ch. 4; Shorrocks (1980), Econometrica 48(3), 613-625. A group without any value adds nothing
    to the second sum.

    Parameters
    ----------
    grouped : float64[n], C-contiguous
        Group after group, ascending within each.
    ends : int64[m], ascending
        The position after the last value of each group; no group is empty, the last one ends with n.

    Returns
    -------
    (float64, float64)
        Between and within; NaN where values are no parts of a whole.

    Examples
    --------
    >>> import numpy as np
    >>> from whalecurve.kernels.concentration import theil_split
    >>> [round(part, 6) for part in theil_split(np.array([1.0, 1.0, 2.0]), np.array([2, 3]))]
    [0.058892, 0.0]
    """
    whole = total(grouped)
    if not whole > 0.0:
        return math.nan, math.nan
    mean = whole / len(grouped)
    between, between_tail, within, within_tail = 0.0, 0.0, 0.0, 0.0
    start = 0
    for end in ends:
        group = grouped[start:end]
        if not group[0] >= 0.0:
            return math.nan, math.nan
        amount, size = total(group), end - start
        between, between_tail = add(between, between_tail, size * _excess((amount / size - mean) / mean))
        if amount > 0.0:
            within, within_tail = add(within, within_tail, amount / whole * theil(group))
        start = end
    return (between + between_tail) / len(grouped), within + within_tail


@scalar
def hoover(ascending: Vector) -> float:
    r"""Hoover index: the share of the total that would have to change hands for all to be equal; in [0, 1 - 1/n].

    .. math:: \frac{1}{2S} \sum_i |y_i - \mu| = \frac{1}{S} \sum_{y_i > \mu} (y_i - \mu)

    Source: Hoover (1936), Review of Economics and Statistics 18(4), 162-171.

    Parameters
    ----------
    ascending
        float64[n], ascending and C-contiguous.

    Returns
    -------
    float64
        NaN where values are no parts of a whole.

    Examples
    --------
    >>> import numpy as np
    >>> from whalecurve.kernels.concentration import hoover
    >>> round(hoover(np.array([1.0, 1.0, 2.0])), 6)
    0.166667
    """
    if not are_shares(ascending):
        return math.nan
    whole = total(ascending)
    mean = whole / len(ascending)
    head, tail = 0.0, 0.0
    for y in ascending:
        head, tail = add(head, tail, max(y - mean, 0.0))
    return (head + tail) / whole


@scalar
def bottom_share(ascending: Vector, p: float) -> float:
    """Share of the total that the last p·n values have, best first, the fractional one in proportion."""
    if not are_shares(ascending):
        return math.nan
    return end_sum(ascending, p, 0, 1) / total(ascending)


@scalar
def palma(ascending: Vector) -> float:
    """Palma ratio: the share of the best tenth over that of the last four tenths; NaN where those have nothing.

    Source: Palma (2011), Development and Change 42(1), 87-153. Fractional values count in proportion.

    Parameters
    ----------
    ascending
        float64[n], ascending and C-contiguous.

    Returns
    -------
    float64
        At least 1/4 for parts of a whole.

    Examples
    --------
    >>> import numpy as np
    >>> from whalecurve.kernels.concentration import palma
    >>> round(palma(np.arange(1.0, 11.0)), 6)
    1.0
    """
    bottom = bottom_share(ascending, BOTTOM)
    return top_share(ascending, TOP) / bottom if bottom > 0.0 else math.nan


@scalar
def tail_start(ascending: Vector) -> int:
    """Position of the first value above the 90th percentile, which is the least value with nine tenths up to it.

    Parameters
    ----------
    ascending
        float64[n], ascending and C-contiguous.

    Returns
    -------
    int64
        From 0 to n.

    Examples
    --------
    >>> import numpy as np
    >>> from whalecurve.kernels.concentration import tail_start
    >>> tail_start(np.arange(1.0, 11.0))
    9
    """
    n = len(ascending)
    if n == 0:
        return 0
    return np.searchsorted(ascending, ascending[n - 1 - n // TAIL], side="right")


@scalar
def tail_exponent(ascending: Vector, start: int) -> float:
    r"""Exponent of the Pareto tail P(Y > y) = (u / y)^alpha by maximum likelihood, over the values from a position on.

    .. math:: \hat\alpha = m \Big/ \sum_{i=1}^m \ln (y_i / u)

    u is the value before the position, m the number of values from it on; the standard error is alpha / sqrt(m).
    NaN where u is not positive or m < 2. Source: Hill (1975), Annals of Statistics 3(5), 1163-1174.

    Parameters
    ----------
    ascending
        float64[n], ascending and C-contiguous.
    start
        Position of the first value of the tail, as `tail_start` finds it.

    Returns
    -------
    float64
        Above 0, or NaN.

    Examples
    --------
    >>> import numpy as np
    >>> from whalecurve.kernels.concentration import tail_exponent
    >>> round(tail_exponent(np.array([1.0, 2.0, 4.0]), 1), 6)
    0.961797
    """
    m = len(ascending) - start
    if m < 2 or start < 1 or not ascending[start - 1] > 0.0:
        return math.nan
    u = ascending[start - 1]
    head, tail = 0.0, 0.0
    for i in range(start, len(ascending)):
        head, tail = add(head, tail, math.log1p((ascending[i] - u) / u))
    return m / (head + tail)


@scalar
def _half_mean_difference(ascending: Vector) -> float:
    r"""Mean absolute difference of two values, times n / 2.

    .. math:: \frac{1}{2n} \sum_i \sum_j |y_i - y_j| = \frac{1}{n} \sum_{i=1}^{n-1} i (n - i) (y_{(i+1)} - y_{(i)})

    No term is negative, so nothing cancels, however close the values are.
    """
    n = len(ascending)
    head, tail = 0.0, 0.0
    for i in range(1, n):
        head, tail = add(head, tail, float(i) * float(n - i) * (ascending[i] - ascending[i - 1]))
    return (head + tail) / n


@scalar
def gini(ascending: Vector) -> float:
    r"""Gini coefficient of n values.

    .. math:: \frac{2 \sum_i i\, y_{(i)}}{n S} - \frac{n+1}{n} = \frac{\sum_i \sum_j |y_i - y_j|}{2 n S}

    Worked through the gaps between neighbours. In [0, 1 - 1/n] when no value is negative;
    with negatives it is the un-normalised coefficient, which may exceed 1. NaN where the
    total S is not positive, and for no values.

    Parameters
    ----------
    ascending
        float64[n], ascending and C-contiguous.

    Returns
    -------
    float64
        In [0, 1) where no value is negative; NaN where the total is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> from whalecurve.kernels.concentration import gini
    >>> round(gini(np.array([1.0, 1.0, 2.0])), 6)
    0.166667
    """
    whole_sum = total(ascending)
    return _half_mean_difference(ascending) / whole_sum if whole_sum > 0.0 else math.nan


@scalar
def gini_normalised(ascending: Vector) -> float:
    r"""Gini coefficient for values that may be negative, in [0, 1].

    .. math:: \frac{\sum_i \sum_j |y_i - y_j|}{2 n \sum_i |y_i|}

    Source: Raffinetti, Siletti & Vernizzi (2015), Statistical Methods & Applications
    24(3), 507-521. Equal to `gini` when no value is negative. NaN where every value is 0.

    Parameters
    ----------
    ascending
        float64[n], ascending and C-contiguous.

    Returns
    -------
    float64
        NaN where all values are 0.

    Examples
    --------
    >>> import numpy as np
    >>> from whalecurve.kernels.concentration import gini_normalised
    >>> round(gini_normalised(np.array([-1.0, 1.0, 2.0])), 6)
    0.5
    """
    size = total_absolute(ascending)
    return _half_mean_difference(ascending) / size if size > 0.0 else math.nan
