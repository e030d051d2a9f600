"""Pareto/NBD from its definition: integrals over a customer's two rates and the time of leaving, and Bayes' rule.

A customer buys at rate lam, Gamma(r, rate alpha), and leaves at rate mu, Gamma(s, rate beta). Given
the time of leaving the rates are independent, so everything is an integral over that time of products of
one-dimensional means, each integrated numerically.
"""

from mpmath import ceil, exp, gamma, inf, log, mp, mpf, quad, sqrt

mp.dps = 30


def moment(k, u, shape, rate):
    """Mean of z^k exp(-z u), z being Gamma(shape, rate): trapezoidal rule over log z."""
    k, u, shape, rate = mpf(k), mpf(u), mpf(shape), mpf(rate)
    power = shape + k
    peak = log(power / (rate + u))
    left, right = peak - 75 / power, peak + log(2 + 75 / power) + 1
    step = min(mpf(1) / 7, mpf("0.55") / sqrt(power))
    n = int(ceil((right - left) / step))
    nodes = [left + step * i for i in range(n + 1)]
    return step * rate**shape / gamma(shape) * sum(exp(power * s - (rate + u) * exp(s)) for s in nodes)


def over_time(f, start, end):
    """Integral of f over a stretch of time, in ten parts finer towards its start."""
    start, end = mpf(start), mpf(end)
    points = [start + (end - start) * mpf(2) ** -i for i in range(9, 0, -1)]
    return quad(f, [start, *points, end], method="gauss-legendre", maxdegree=4) if end > start else mpf(0)


def alive(x, T, r, alpha, s, beta):
    return moment(x, T, r, alpha) * moment(0, T, s, beta)


def gone(x, start, end, r, alpha, s, beta):
    return over_time(lambda u: moment(x, u, r, alpha) * moment(1, u, s, beta), start, end)


def likelihood(x, t_x, T, *params):
    return alive(x, T, *params) + gone(x, t_x, T, *params)


def log_likelihood(x, t_x, T, *params):
    return log(likelihood(x, t_x, T, *params))


def p_alive(x, t_x, T, *params):
    return alive(x, T, *params) / likelihood(x, t_x, T, *params)


def expected_purchases(t, r, alpha, s, beta):
    return moment(1, 0, r, alpha) * over_time(lambda u: moment(0, u, s, beta), 0, t)


def conditional_expected_purchases(t, x, t_x, T, r, alpha, s, beta):
    still_there = over_time(lambda u: moment(0, u, s, beta), T, mpf(T) + mpf(t))
    return moment(x + 1, T, r, alpha) * still_there / likelihood(x, t_x, T, r, alpha, s, beta)


def pmf(n, t, r, alpha, s, beta):
    t = mpf(t)
    counted = lambda u: u**n * moment(n, u, r, alpha) / gamma(n + 1)
    return counted(t) * moment(0, t, s, beta) + over_time(lambda u: counted(u) * moment(1, u, s, beta), 0, t)


def p_no_purchase(t, x, t_x, T, *params):
    return likelihood(x, t_x, mpf(T) + mpf(t), *params) / likelihood(x, t_x, T, *params)


def dert(discount, x, t_x, T, r, alpha, s, beta):
    discount, T = mpf(discount), mpf(T)
    still_there = quad(lambda v: exp(-discount * v) * moment(0, T + v, s, beta), [0, 1 / discount, inf], maxdegree=7)
    return moment(x + 1, T, r, alpha) * still_there / likelihood(x, t_x, T, r, alpha, s, beta)
