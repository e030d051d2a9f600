"""BG/NBD from its definition: integrals over a customer's rate and dropout probability, and Bayes' rule.

A customer buys at rate lam, Gamma(r, rate alpha), and after each repeat purchase leaves with
probability p, Beta(a, b). `tosses` is 1 where the coin is also tossed after the first purchase
(MBG/NBD). Rate and dropout are independent, so most of what is needed is a sum of products of
one-dimensional means, each integrated numerically; mean purchases need the double integral.
"""

import numpy as np
from mpmath import beta, exp, gamma, gammainc, inf, log, mp, mpf, quad

mp.dps = 30


def dropout_mean(f, a, b):
    """Mean of f(p, 1 - p), p being Beta(a, b); integrated over the log odds of p."""
    a, b = mpf(a), mpf(b)

    def integrand(s):
        p, q = 1 / (1 + exp(-s)), 1 / (1 + exp(s))
        return p**a * q**b * f(p, q)

    peak = log(a / b)
    return quad(integrand, [-inf, peak - 6, peak, peak + 6, inf]) / beta(a, b)


def rate_mean(f, r, alpha):
    """Mean of f(lam), lam being Gamma(r, rate alpha); integrated over its logarithm."""
    r, alpha = mpf(r), mpf(alpha)
    top = log((r + 400) / alpha)  # the density of what lies beyond is below exp(-400)
    points = [-inf, top - 30, top - 12, top - 8, top - 6, top - 4, top - 2, top]
    return quad(lambda s: (alpha * exp(s)) ** r * exp(-alpha * exp(s)) * f(exp(s)), points) / gamma(r)


def joint_density(x, t_x, T, r, alpha, a, b, tosses=0):
    """Density of x purchases, the last at t_x, then silence until T: with the customer alive at T, and gone."""
    survivals = x + tosses
    seen = lambda until: rate_mean(lambda lam: lam**x * exp(-lam * until), r, alpha)
    alive = dropout_mean(lambda p, q: q**survivals, a, b) * seen(T)
    if survivals == 0:
        return alive, mpf(0)
    return alive, dropout_mean(lambda p, q: p * q ** (survivals - 1), a, b) * seen(t_x)


def log_likelihood(x, t_x, T, r, alpha, a, b, tosses=0):
    return log(sum(joint_density(x, t_x, T, r, alpha, a, b, tosses)))


def p_alive(x, t_x, T, r, alpha, a, b, tosses=0):
    alive, gone = joint_density(x, t_x, T, r, alpha, a, b, tosses)
    return alive / (alive + gone)


def p_no_purchase(t, x, t_x, T, r, alpha, a, b, tosses=0):
    alive, gone = joint_density(x, t_x, T, r, alpha, a, b, tosses)
    silent, _ = joint_density(x, t_x, mpf(T) + t, r, alpha, a, b, tosses)
    return (silent + gone) / (alive + gone)


def pmf(n, t, r, alpha, a, b, tosses=0):
    """P(X(t) = n): n Poisson arrivals all survived, or the customer gone at the n-th, in time."""
    t = mpf(t)
    survivals = n + tosses
    arrivals = rate_mean(lambda lam: (lam * t) ** n * exp(-lam * t), r, alpha) / gamma(n + 1)
    stayed = dropout_mean(lambda p, q: q**survivals, a, b) * arrivals
    if survivals == 0:
        return stayed
    in_time = rate_mean(lambda lam: gammainc(n, 0, lam * t, regularized=True), r, alpha) if n else mpf(1)
    return stayed + dropout_mean(lambda p, q: p * q ** (survivals - 1), a, b) * in_time


def expected_purchases(t, r, alpha, a, b, tosses=0):
    """Mean of (1 - exp(-lam p t)) / p, the purchases before the coin falls or time is up."""
    return expected_if_alive(t, 0, 0, r, alpha, a, b, tosses) * dropout_mean(lambda p, q: q**tosses, a, b)


def expected_if_alive(t, x, T, r, alpha, a, b, tosses=0):
    """The same mean over the posterior of rate and dropout given x purchases by T and alive.

    A double integral, so the trapezoidal rule in extended floats, over log odds and log rate: both integrands
    are smooth and vanish at either end, where that rule errs by less than the 64-bit mantissa.
    """
    t, T, r, alpha, a, b = map(np.longdouble, (t, T, r, alpha, a, b))
    s = np.arange(-45 / a, 45 / (b + x + tosses), 1 / 16, dtype=np.longdouble)
    p = 1 / (1 + np.exp(-s))
    dropout = np.exp(-a * np.log1p(np.exp(-s)) - (b + x + tosses) * np.log1p(np.exp(s)))
    shape, scale = r + x, alpha + T
    u = np.arange(np.log(shape) - 10 - 45 / shape, np.log(shape + 400), 1 / 32, dtype=np.longdouble)
    rate = np.exp(shape * u - np.exp(u) - (shape * np.log(shape) - shape))
    lam = np.exp(u) / scale
    purchases = sum(w * (-np.expm1(-lam * q * t) / q * rate).sum() for w, q in zip(dropout, p, strict=True))
    return mpf(np.format_float_positional(purchases / dropout.sum() / rate.sum(), precision=21, unique=False))


def conditional_expected_purchases(t, x, t_x, T, r, alpha, a, b, tosses=0):
    return p_alive(x, t_x, T, r, alpha, a, b, tosses) * expected_if_alive(t, x, T, r, alpha, a, b, tosses)
