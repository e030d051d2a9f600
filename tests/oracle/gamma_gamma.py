"""Gamma-Gamma from its definition: integrals over a customer's own scale of spending, and Bayes' rule.

Each purchase is Gamma(p, rate nu), nu is Gamma(q, rate v); the mean m of x purchases is then
Gamma(p x, rate nu x), and a customer's mean value is p / nu.
"""

from mpmath import exp, gamma, inf, log, mp, mpf, quad

mp.dps = 30


def _scale_integral(f, x, m, p, q, v):
    """Integral over nu of f(nu) times its prior density times the density of m."""
    x, m, p, q, v = map(mpf, (x, m, p, q, v))

    def integrand(s):
        nu = exp(s)
        prior = (v * nu) ** q * exp(-v * nu) / gamma(q)
        return f(nu) * prior * (nu * x) ** (p * x) * m ** (p * x - 1) * exp(-nu * x * m) / gamma(p * x)

    peak = log((p * x + q) / (v + x * m))
    return quad(integrand, [-inf, peak - 20, peak - 6, peak - 1, peak, peak + 1, peak + 2, peak + 4, peak + 8])


def log_likelihood(x, m, p, q, v):
    return log(_scale_integral(lambda nu: 1, x, m, p, q, v))


def expected_value(x, m, p, q, v):
    p = mpf(p)
    seen = _scale_integral(lambda nu: 1, x, m, p, q, v)
    return _scale_integral(lambda nu: p / nu, x, m, p, q, v) / seen
