"""Log-gamma and its kin on the positive half line, to full double precision.

One positive float in (two for log-beta), one float out; NaN for anything else. No call
raises a floating-point flag other than inexact and underflow, so that ufuncs built on
these stay silent.
"""

import math

from whalecurve.kernels.compiler.jit import scalar

HALF_LOG_TWO_PI = 0.91893853320467274178
STIRLING_FROM = 8.0
HUGE = 1e300
"""Beyond this x log x nears the end of the number range: log-gamma answers inf, its derivatives their limits."""
LEAST, MOST = 1e-90, 1e90
"""Range of the positive numbers that models serve: products and ratios of three neither overflow nor vanish."""


@scalar
def unvectorised(x: float) -> float:
    """Return x, by way of a library call that keeps the loop around it scalar.

    A vectorised loop computes branches not taken and compares NaN with signalling instructions;
    both raise floating-point flags, which NumPy reports as warnings.
    """
    return math.ldexp(x, 0)


@scalar
def is_count(x: float) -> bool:
    """Tell whether x is a whole number from 0 to 1e90."""
    return 0.0 <= x <= MOST and x == math.floor(x)


@scalar
def logistic(x: float) -> float:
    """1 / (1 + exp(-x)) for any x, small results with all their digits."""
    if math.isnan(x):  # asked first: `<` compiled to a select raises the invalid flag on NaN
        return math.nan
    e = math.exp(-abs(x))
    return (e if x < 0.0 else 1.0) / (1.0 + e)


@scalar
def softplus(x: float) -> float:
    """Logarithm of 1 + exp(x) for any x."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


@scalar
def stirling_rest(x: float) -> float:
    """Log-gamma less Stirling's formula: log G(x) - [(x - 1/2) log x - x + log(2 pi) / 2], x >= 8.

    Abramowitz & Stegun 6.1.41, eight terms; the first one left out is below 1e-16.
    """
    u = 1.0 / x
    w = u * u
    s = 0.00641025641025641026 - w * 0.0295506535947712418
    s = w * s - 0.00191752691752691753
    s = w * s + 0.000841750841750841751
    s = w * s - 0.000595238095238095238
    s = w * s + 0.000793650793650793651
    s = w * s - 0.00277777777777777778
    s = w * s + 0.0833333333333333333
    return u * s


@scalar
def _log_gamma_about_two(w: float) -> float:
    """Log-gamma of 2 + w for |w| <= 1/2, relative error below 1e-16 before rounding.

    w times the Chebyshev interpolant of degree 17 of log G(2 + w) / w on [-1/2, 1/2],
    computed with 40 digits; even and odd powers apart, so that two chains run at once.
    """
    v = w * w
    even = -5.811277768921246e-07
    even = v * even - 1.9743106888421067e-06
    even = v * even - 9.45628851510172e-06
    even = v * even - 4.4923727564247656e-05
    even = v * even - 0.00022315497746292723
    even = v * even - 0.0011927539009983087
    even = v * even - 0.007385551028935545
    even = v * even - 0.06735230105319563
    odd = 2.7475390051909663e-07
    odd = v * odd + 9.242852225162277e-07
    odd = v * odd + 4.3828545383846665e-06
    odd = v * odd + 2.050601970174762e-05
    odd = v * odd + 9.945761692157133e-05
    odd = v * odd + 0.0005096695196526673
    odd = v * odd + 0.002890510330865901
    odd = v * odd + 0.02058080842778338
    odd = v * odd + 0.3224670334241132
    return w * (0.42278433509846714 + (w * odd + v * even))


@scalar
def log_gamma(x: float) -> float:
    """Logarithm of the gamma function, x > 0.

    Stirling's series from 8 on; below, the recurrence leads to [3/2, 5/2]. Relative error
    below 1e-15, absolute below 2e-16 near the zeros at 1 and 2.
    """
    if not x > 0.0:
        return math.nan
    if x >= STIRLING_FROM:
        return (x - 0.5) * (math.log(x) - 1.0) + (HALF_LOG_TWO_PI - 0.5 + stirling_rest(x)) if x < HUGE else math.inf
    if x >= 1.5:
        product = 1.0
        while x > 2.5:
            x -= 1.0
            product *= x
        return math.log(product) + _log_gamma_about_two(x - 2.0)
    if x >= 0.5:
        return _log_gamma_about_two(x - 1.0) - math.log(x)
    return _log_gamma_about_two(x) - math.log1p(x) - math.log(x)


@scalar
def digamma(x: float) -> float:
    """Psi, the derivative of log-gamma, x > 0.

    Recurrence up to 10, then Abramowitz & Stegun 6.3.18. Relative error below 2e-15, absolute
    near the zero at 1.46.
    """
    if not x > 0.0:
        return math.nan
    if x < 1e-300:
        return -math.inf
    below = 0.0
    while x < 10.0:
        below += 1.0 / x
        x += 1.0
    if x > HUGE:
        return math.log(x)
    w = (1.0 / x) * (1.0 / x)
    s = 0.0210927960927960928 - w * 0.0833333333333333333
    s = w * s - 0.00757575757575757576
    s = w * s + 0.00416666666666666667
    s = w * s - 0.00396825396825396825
    s = w * s + 0.00833333333333333333
    s = w * s - 0.0833333333333333333
    return math.log(x) + (w * s - 0.5 / x - below)


@scalar
def trigamma(x: float) -> float:
    """Psi', the second derivative of log-gamma, x > 0.

    Recurrence up to 10, then Abramowitz & Stegun 6.4.12. Relative error below 1e-15.
    """
    if not x > 0.0:
        return math.nan
    if x < 1e-150:
        return math.inf
    below = 0.0
    while x < 10.0:
        below += 1.0 / (x * x)
        x += 1.0
    u = 1.0 / x
    w = u * u
    s = 1.16666666666666667 - w * 7.09215686274509804
    s = w * s - 0.253113553113553114
    s = w * s + 0.0757575757575757576
    s = w * s - 0.0333333333333333333
    s = w * s + 0.0238095238095238095
    s = w * s - 0.0333333333333333333
    s = w * s + 0.166666666666666667
    return below + u * (1.0 + u * (0.5 + u * s))


@scalar
def _stirling_rest_change(x: float, k: float) -> float:
    """Return `stirling_rest` at x + k less that at x, exact where k is small: Horner's rule with divided difference."""
    u, v = 1.0 / x, 1.0 / (x + k)
    w, z = u * u, v * v
    s, slope = -0.0295506535947712418, 0.0
    slope, s = slope * w + s, s * z + 0.00641025641025641026
    slope, s = slope * w + s, s * z - 0.00191752691752691753
    slope, s = slope * w + s, s * z + 0.000841750841750841751
    slope, s = slope * w + s, s * z - 0.000595238095238095238
    slope, s = slope * w + s, s * z + 0.000793650793650793651
    slope, s = slope * w + s, s * z - 0.00277777777777777778
    slope, s = slope * w + s, s * z + 0.0833333333333333333
    return -k * u * v * (s + u * (u + v) * slope)


@scalar
def log_rising(x: float, k: float) -> float:
    """Logarithm of G(x + k) / G(x), x > 0, real k >= 0.

    The difference of two log-gammas loses all digits where k is small beside x; the
    difference of two Stirling formulas, worked through log1p(k / x), loses none.
    """
    if not (x > 0.0 and k >= 0.0):
        return math.nan
    if k == 0.0:
        return 0.0
    if x < STIRLING_FROM and k > 0.5:
        return log_gamma(x + k) - log_gamma(x)
    excess = 0.0  # product of the factors 1 + k / x passed on the way to 8, less one
    while x < STIRLING_FROM:
        excess += (1.0 + excess) * (k / x)
        x += 1.0
    y = x + k
    if y >= HUGE:
        return math.inf
    grown = (y - 0.5) * math.log1p(k / x) - k
    return k * math.log(x) + grown + _stirling_rest_change(x, k) - math.log1p(excess)


@scalar
def log_beta(a: float, b: float) -> float:
    """Logarithm of the beta function, a, b > 0, without cancellation when one argument dwarfs the other."""
    if not (a > 0.0 and b > 0.0):
        return math.nan
    small, large = (a, b) if a < b else (b, a)
    if large >= HUGE:
        return math.nan
    if small < STIRLING_FROM:
        return log_gamma(small) - log_rising(large, small)
    rest = stirling_rest(small) + stirling_rest(large) - stirling_rest(small + large)
    powers = (small - 0.5) * math.log(small / (small + large)) - large * math.log1p(small / large)
    return powers - 0.5 * math.log(large) + (HALF_LOG_TWO_PI + rest)


@scalar
def log_beta_ratio(a: float, b: float, n: float) -> float:
    """Logarithm of B(a, b + n) / B(a, b), n >= 0: the mean of (1 - p)^n where p is Beta(a, b).

    The four log-gammas are paired so that the smaller of a and n is the step: B(a, b + n) / B(a, b)
    is both (b)_n / (a + b)_n and (b)_a / (b + n)_a, (x)_k being the rising factorial.
    """
    if n < a:
        return log_rising(b, n) - log_rising(a + b, n)
    return log_rising(b, a) - log_rising(b + n, a)
