"""How long contracts last, from the definition: a power of the chance to stay, averaged over a beta distribution."""

from mpmath import beta as beta_function
from mpmath import mp, mpf, quad

mp.dps = 50


def stretched(t, c):
    return mpf(t) ** mpf(c) if t else mpf(0)


def survival(t, a, b, c=1):
    """Mean of (1 - theta)^(t^c): the integral in closed form."""
    a, b = mpf(a), mpf(b)
    return beta_function(a, b + stretched(t, c)) / beta_function(a, b)


def survival_by_integral(t, a, b, c=1):
    """The same, the integral taken; for shapes of 1/2 and more."""
    a, b = mpf(a), mpf(b)
    power = stretched(t, c)
    density = lambda theta: theta ** (a - 1) * (1 - theta) ** (b - 1 + power)
    return quad(density, [0, mpf(1) / 100, mpf(1) / 2, mpf(99) / 100, 1]) / beta_function(a, b)


def retention(t, a, b, c=1):
    return survival(t, a, b, c) / survival(t - 1, a, b, c)


def pmf(t, a, b, c=1):
    return survival(t - 1, a, b, c) - survival(t, a, b, c)


def derl(discount, t, a, b, c=1, terms=20_000):
    """Payments still to come, one after the other; for discounts of a hundredth and more."""
    z, total, k = 1 / (1 + mpf(discount)), mpf(0), 1
    start = survival(t, a, b, c)
    while k < terms:
        term = z**k * survival(t + k, a, b, c) / start
        total += term
        if term < total * mpf(discount) * mpf(10) ** -20:
            return total
        k += 1
    raise AssertionError("more terms")
