"""Integrals over the unseen time of dropout, all terms positive, nothing subtracted.

In w, the log of time measured from the nearer pole, every integrand of Pareto/NBD is log-concave
and analytic up to Im w = pi, whatever the parameters. So Gauss-Legendre panels converge at a rate known beforehand:
a panel no wider than 2.5, over which the integrand falls by no more than exp(-16), is good to 5e-15
with 16 nodes. Pairs of hypergeometric functions, the form of the papers, cancel where scales are equal,
histories long or purchases many.
"""

import math

import numpy as np

from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.functions.negative_binomial import negative_binomial

Shares = tuple[float, float, float, float]
"""alpha and u as shares of alpha + u, beta and u as shares of beta + u, u being the start."""

WIDEST = 2.5
"""Panel width in w that the distance pi to the singularities allows."""

DEEPEST = 16.0
"""Fall of the log integrand over a panel."""

SHORT_WIDTH, SHORT_FALL = 0.65, 3.0
MODERATE_WIDTH, MODERATE_FALL = 1.75, 6.0
"""Width of a panel and fall over it up to which 8 nodes do, and 12: measured, they are good to 2e-15 and 4e-15."""

UNBOUNDED = 600.0
"""Stands for an endless range: exp(600) times any ratio of scales is a number, and integrands are nil before."""

# Half of the nodes in (-1, 1) and their weights, for 8, 12 and 16 nodes in turn.
NODES = np.array(
    [
        *(0.18343464249564980494, 0.52553240991632898582, 0.79666647741362673959, 0.96028985649753623168),
        *(0.12523340851146891547, 0.36783149899818019375, 0.5873179542866174473),
        *(0.76990267419430468704, 0.90411725637047485668, 0.98156063424671925069),
        *(0.095012509837637440185, 0.28160355077925891323, 0.45801677765722738634, 0.61787624440264374845),
        *(0.7554044083550030339, 0.86563120238783174388, 0.94457502307323257608, 0.9894009349916499326),
    ]
)
WEIGHTS = np.array(
    [
        *(0.36268378337836198297, 0.31370664587788728734, 0.22238103445337447054, 0.10122853629037625915),
        *(0.249147045813402785, 0.23349253653835480876, 0.20316742672306592175),
        *(0.16007832854334622633, 0.10693932599531843096, 0.047175336386511827195),
        *(0.18945061045506849629, 0.18260341504492358887, 0.16915651939500253819, 0.14959598881657673208),
        *(0.12462897125553387205, 0.09515851168249278481, 0.062253523938647892863, 0.027152459411754094852),
    ]
)


@scalar
def log1p_positive(v: float) -> float:
    """Logarithm of 1 + v, v >= 0, to full relative precision; a third of the time of math.log1p."""
    u = 1.0 + v
    return math.log(u) + (v - (u - 1.0)) / u


@scalar
def _panel(c: float, d: float, rho: float, start: float, width: float, first: int, last: int) -> float:
    """Gauss-Legendre sum over one panel of `decay_integral`, by nodes [first, last) and their mirrors."""
    half = 0.5 * width
    middle = start + half
    grown = math.expm1(middle)
    total = 0.0
    for i in range(first, last):
        off = half * NODES[i]
        up = math.expm1(off)
        above = grown + (1.0 + grown) * up
        below = grown - (1.0 + grown) * (up / (1.0 + up))
        total += WEIGHTS[i] * (
            math.exp(-c * (middle + off) - d * log1p_positive(rho * above))
            + math.exp(-c * (middle - off) - d * log1p_positive(rho * below))
        )
    return half * total


@scalar
def panel_width(rate: float, curvature: float) -> float:
    """Width over which a log integrand falls by about `DEEPEST`, from its slope and curvature at the start."""
    rate = max(rate, 0.0)
    reach = rate + math.sqrt(rate * rate + 2.0 * DEEPEST * curvature)
    return 2.0 * DEEPEST / max(reach, 2.0 * DEEPEST / WIDEST)


@scalar
def next_panel(c: float, d: float, rho: float, start: float, fallen: float, width: float) -> tuple[float, float, float]:
    """Width of the next panel of `decay_integral`, how far the log integrand has fallen by its end, its first slope."""
    scale = 1.0 + rho * math.expm1(start)
    share = rho * math.exp(start) / scale
    rate = c + d * share
    step = min(panel_width(rate, d * share * ((1.0 - rho) / scale)), width - start)
    fall = c * (start + step) + d * log1p_positive(rho * math.expm1(start + step))
    while fall - fallen > 1.1 * DEEPEST:
        step *= 0.7
        fall = c * (start + step) + d * log1p_positive(rho * math.expm1(start + step))
    return step, fall, rate


@scalar
def decay_integral(c: float, d: float, rho: float, width: float) -> float:
    r"""Integral of a decay with two time scales, relative error below 1e-14.

    .. math:: \int_0^{W} e^{-cw} [1 + \rho(e^w - 1)]^{-d}\,dw
              = \frac{1}{M}\int_0^{h} \left(1+\frac{y}{M}\right)^{-c-1} \left(1+\frac{\rho y}{M}\right)^{-d} dy,
              \qquad W = \log(1 + h/M)

    The caller guarantees c > -1, d >= 0, 0 < rho <= 1 and 0 <= W <= `UNBOUNDED`. A short range
    takes one panel; else panels are laid from the start until what is left is below rounding.
    """
    fall = c * width + d * log1p_positive(rho * math.expm1(width))
    if width <= SHORT_WIDTH and fall <= SHORT_FALL:
        return _panel(c, d, rho, 0.0, width, 0, 4)
    if width <= MODERATE_WIDTH and fall <= MODERATE_FALL:
        return _panel(c, d, rho, 0.0, width, 4, 10)
    if width <= WIDEST and fall <= DEEPEST:
        return _panel(c, d, rho, 0.0, width, 10, 18)
    total, start, fallen = 0.0, 0.0, 0.0
    while start < width:
        step, fall, rate = next_panel(c, d, rho, start, fallen, width)
        if rate > 0.0 and math.exp(-fallen) <= 1e-17 * rate * total:
            break
        total += _panel(c, d, rho, start, step, 10, 18)
        start, fallen = start + step, fall
    return total


@scalar
def _log_mean(near: float, far: float, growth: float, grown: float) -> float:
    """Logarithm of near + far * growth, where near + far = 1 and grown = growth - 1, precise at both ends."""
    return math.log1p(far * grown) if far * grown > -0.5 else math.log(near + far * growth)


@scalar
def _log_shape(tau: float, n: float, r: float, s: float, shares: Shares) -> float:
    """Log of the integrand of `dropout_after` by log u, at exp(tau) times the start and relative to the start."""
    a_early, a_late, b_early, b_late = shares
    growth, grown = math.exp(tau), math.expm1(tau)
    of_counts = n * _log_mean(a_late, a_early, 1.0 / growth, -grown / growth)
    of_rates = r * _log_mean(a_early, a_late, growth, grown)
    return tau - of_counts - of_rates - (s + 1.0) * _log_mean(b_early, b_late, growth, grown)


@scalar
def _slope(u: float, n: float, r: float, alpha: float, s: float, beta: float) -> float:
    """Slope by log u of the log integrand of `dropout_after`, falling as u grows."""
    return 1.0 + n * (alpha / (alpha + u)) - r * (u / (alpha + u)) - (s + 1.0) * (u / (beta + u))


@scalar
def _peak(t: float, n: float, r: float, alpha: float, s: float, beta: float) -> float:
    """Where in (0, t] the integrand of `dropout_after` peaks, to a tenth of the width of the peak."""
    if _slope(t, n, r, alpha, s, beta) >= 0.0:
        return t
    low, high = min(0.5 * min(alpha, beta) / (r + s + 1.0), t), t
    enough = 1.0 + 0.1 / math.sqrt(1.0 + n)
    for _ in range(100):
        if high <= enough * low:
            break
        middle = math.sqrt(low) * math.sqrt(high)
        if _slope(middle, n, r, alpha, s, beta) >= 0.0:
            low = middle
        else:
            high = middle
    return low


@scalar
def _march(u: float, end: float, n: float, r: float, alpha: float, s: float, beta: float) -> float:
    """Integral of the shape from the start u towards tau = end, of either sign, by panels of 16 nodes."""
    shares = (alpha / (alpha + u), u / (alpha + u), beta / (beta + u), u / (beta + u))
    way = 1.0 if end > 0.0 else -1.0
    total, start, fallen = 0.0, 0.0, 0.0
    while start != end:
        now = u * math.exp(start)
        a, b = alpha / (alpha + now), beta / (beta + now)
        rate = -way * _slope(now, n, r, alpha, s, beta)
        if rate > 0.0 and math.exp(-fallen) <= 1e-17 * rate * total:
            break
        curvature = (n + r) * a * (now / (alpha + now)) + (s + 1.0) * b * (now / (beta + now))
        step = min(panel_width(rate, curvature), abs(end - start))
        fall = -_log_shape(start + way * step, n, r, s, shares)
        while fall - fallen > 1.1 * DEEPEST:
            step *= 0.7
            fall = -_log_shape(start + way * step, n, r, s, shares)
        half = 0.5 * step
        middle = start + way * half
        for i in range(10, 18):
            off = half * NODES[i]
            above = math.exp(_log_shape(middle + off, n, r, s, shares))
            below = math.exp(_log_shape(middle - off, n, r, s, shares))
            total += half * WEIGHTS[i] * (above + below)
        start, fallen = start + way * step, fall
    return total


@scalar
def dropout_after(n: float, t: float, r: float, alpha: float, s: float, beta: float) -> float:
    r"""Probability of n purchases followed by dropout before t, t > 0.

    .. math:: \int_0^t P(N(u)=n)\, \frac{s\beta^s}{(\beta+u)^{s+1}}\,du,\qquad
              P(N(u)=n) = \frac{\Gamma(r+n)}{\Gamma(r)\,n!} \frac{\alpha^r u^n}{(\alpha+u)^{r+n}}

    The integrand by log u is log-concave: panels run from its peak both ways. What they sum is relative to the
    integrand there, so that digits survive far out in the tail.
    """
    u = _peak(t, n, r, alpha, s, beta)
    shape = _march(u, -UNBOUNDED, n, r, alpha, s, beta)
    if u < t:
        shape += _march(u, math.log(t / u), n, r, alpha, s, beta)
    at_peak = s * (u / (beta + u)) * math.exp(-s * log1p_positive(u / beta))
    return negative_binomial(n, r, u / alpha) * at_peak * shape
