"""A credibility average: what one purchase is worth, from a customer's own mean and that of all.

Source: Buhlmann (1967), "Experience rating and credibility", ASTIN Bulletin 4(3), 199-207; Buhlmann & Straub (1970)
for means of different numbers. x purchases of mean value m count with the credibility

    Z = x w / (1 + (x - 1) w),

w being that of a single purchase, the share of the variance of one purchase that lies between customers; the mean of
all counts with the rest. Names ending in `_one` are for use inside compiled code; the others are NumPy ufuncs, and
take scalars inside compiled code too.

Domain: w from 0 to 1, whole x >= 0, |m| and |mean| up to 1e90. Elsewhere the answer is NaN.
"""

import math

from whalecurve.kernels.compiler.jit import broadcast, scalar
from whalecurve.kernels.functions.special import MOST, is_count


@scalar
def expected_value_one(x: float, m: float, mean: float, weight: float) -> float:
    """Mean value of one purchase of a customer whose x purchases had mean m: mean + Z (m - mean).

    Without purchases (x = 0) the mean of all. The two shares of Z and 1 - Z are formed apart, so that neither is
    lost to the other where m and the mean are of opposite signs or far apart.
    """
    in_range = 0.0 <= weight <= 1.0 and -MOST <= m <= MOST and -MOST <= mean <= MOST
    if not (in_range and is_count(x)):
        return math.nan
    if x == 0.0:
        return mean
    own, others = x * weight, 1.0 - weight
    return (own * m + others * mean) / (own + others)


@broadcast
def expected_value(x: float, m: float, mean: float, weight: float) -> float:
    """Mean value of one purchase of each customer: `expected_value_one` over arrays that broadcast.

    Parameters
    ----------
    x, m : array_like
        Purchases; their mean value, of any sign, of no consequence where x is 0.
    mean, weight : array_like
        Mean of all, in the unit of value; weight of one purchase, in [0, 1].

    Returns
    -------
    float64, of the broadcast shape
        In the unit of value; NaN outside the domain.

    Examples
    --------
    >>> from whalecurve.kernels import credibility
    >>> credibility.expected_value([0, 2], [0.0, 22.35], 30.0, 0.4).round(2)
    array([30.  , 25.63])
    """
    return expected_value_one(float(x), float(m), float(mean), float(weight))
