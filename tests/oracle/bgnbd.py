"""BG/NBD from its definition: integrals over a customer's rate and dropout probability, and Bayes' rule.

A customer buys at rate lam, Gamma(r, rate alpha), and after each repeat purchase leaves with
probability p, Beta(a, b). `tosses` is 1 where the coin is also tossed after the first purchase
(MBG/NBD). Rate and dropout are independent, so most of what is needed is a sum of products of
one-dimensional means, each integrated numerically; mean purchases need the double integral.
"""

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
    peak = log(r / alpha)
    points = [-inf, peak - 20, peak - 6, peak, peak + 2, peak + 4, peak + 6, inf]
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
    """n purchases by t: n Poisson arrivals all survived, or the customer gone at the n-th, in time."""
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
    """The same mean over the posterior of rate and dropout given x purchases by T and alive: a double integral."""
    x, t, T = mpf(x), mpf(t), mpf(T)
    survivals = x + tosses
    with mp.workdps(20):
        by_dropout = lambda p, q: (
            q**survivals / p * rate_mean(lambda lam: -mp.expm1(-lam * p * t) * lam**x * exp(-lam * T), r, alpha)
        )
        purchases = dropout_mean(by_dropout, a, b)
        weight = dropout_mean(lambda p, q: q**survivals, a, b)
        return purchases / weight / rate_mean(lambda lam: lam**x * exp(-lam * T), r, alpha)


def conditional_expected_purchases(t, x, t_x, T, r, alpha, a, b, tosses=0):
    return p_alive(x, t_x, T, r, alpha, a, b, tosses) * expected_if_alive(t, x, T, r, alpha, a, b, tosses)
