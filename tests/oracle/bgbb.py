"""BG/BB from its definition: integrals over a customer's two probabilities, a sum over the opportunity of leaving.

A customer alive at an opportunity buys with probability p, Beta(alpha, beta); before each one
the customer leaves for good with probability q, Beta(gamma, delta). Given the opportunity of leaving the
two are independent, so everything is a sum of products of one-dimensional means, each integrated numerically.
"""

from functools import cache

from mpmath import beta as beta_function
from mpmath import binomial, exp, log, mp, mpf

mp.dps = 30


@cache
def moment(i, j, a, b):
    """Mean of p^i (1 - p)^j, p being Beta(a, b): trapezoidal rule over the log odds of p."""
    a, b = mpf(a), mpf(b)
    left, right, step = -75 / (a + i), 75 / (b + j), mpf(1) / 9 / (1 + mpf(i + j) / 30)
    total, s = mpf(0), left
    while s <= right:
        total += (1 + exp(-s)) ** -(a + i) * (1 + exp(s)) ** -(b + j)
        s += step
    return step * total / beta_function(a, b)


def alive(x, n, alpha, beta, gamma, delta):
    return moment(x, n - x, alpha, beta) * moment(0, n, gamma, delta)


def gone(x, start, end, alpha, beta, gamma, delta):
    """Alive at opportunity i with x purchases, none of them after `start`, and gone before the next."""
    return sum(moment(x, i - x, alpha, beta) * moment(1, i, gamma, delta) for i in range(start, end))


def likelihood(x, t_x, n, *params):
    return alive(x, n, *params) + gone(x, t_x, n, *params)


def log_likelihood(x, t_x, n, *params):
    return log(likelihood(x, t_x, n, *params))


def p_alive(x, t_x, n, alpha, beta, gamma, delta):
    alive_next = moment(x, n - x, alpha, beta) * moment(0, n + 1, gamma, delta)
    return alive_next / likelihood(x, t_x, n, alpha, beta, gamma, delta)


def expected_purchases(n, alpha, beta, gamma, delta):
    return moment(1, 0, alpha, beta) * sum(moment(0, i, gamma, delta) for i in range(1, n + 1))


def conditional_expected_purchases(m, x, t_x, n, alpha, beta, gamma, delta):
    still_there = sum(moment(0, i, gamma, delta) for i in range(n + 1, n + m + 1))
    return moment(x + 1, n - x, alpha, beta) * still_there / likelihood(x, t_x, n, alpha, beta, gamma, delta)


def pmf(k, n, alpha, beta, gamma, delta):
    counted = lambda i: binomial(i, k) * moment(k, i - k, alpha, beta)
    left = sum(counted(i) * moment(1, i, gamma, delta) for i in range(k, n))
    return counted(n) * moment(0, n, gamma, delta) + left


def p_no_purchase(m, x, t_x, n, *params):
    return likelihood(x, t_x, n + m, *params) / likelihood(x, t_x, n, *params)


def dert(discount, x, t_x, n, alpha, beta, gamma, delta):
    """Purchases at n + i, i = 1, 2, ..., each discounted i times; the sum ends where discounting has left 1e-17."""
    v = 1 / (1 + mpf(discount))
    last = int(-40 / log(v)) + 1
    still_there = sum(v**i * moment(0, n + i, gamma, delta) for i in range(1, last + 1))
    return moment(x + 1, n - x, alpha, beta) * still_there / likelihood(x, t_x, n, alpha, beta, gamma, delta)
