"""BG/NBD with a season, from the definition in calendar time: purchases of rate lambda s(t), dropout after each.

Nothing here changes the clock. s is a list of (days, factor) pieces from the first purchase on. All is integrated
numerically: over the time of the next purchase, and over the probability of dropout; over lambda in closed form.
"""

from itertools import pairwise

import mpmath as mp

DIGITS = 50


def intensity(pieces, start, end):
    """The integral of s from start to end."""
    total, t = mp.mpf(0), mp.mpf(0)
    for days, factor in pieces:
        low, high = max(t, start), min(t + days, end)
        if high > low:
            total += mp.quad(lambda _: mp.mpf(factor), [low, high])  # noqa: B023 - used at once
        t += days
    return total


def _breaks(pieces, start, end):
    edges, t = [start], mp.mpf(0)
    for days, _ in pieces:
        t += days
        if start < t < end:
            edges.append(t)
    return [*edges, end]


def _at(pieces, when):
    t = mp.mpf(0)
    for days, factor in pieces:
        t += days
        if when < t:
            return mp.mpf(factor)
    return mp.mpf(pieces[-1][1])


def _weights(x, t_x, T, pieces, r, alpha, a, b):
    """Likelihoods of the living and the gone, but for what they share: the rates at purchases among it."""
    beta = mp.quad(lambda p: p ** (a - 1) * (1 - p) ** (b + x - 1), mp.linspace(0, 1, 5))
    gone = mp.quad(lambda p: p**a * (1 - p) ** (b + x - 2), mp.linspace(0, 1, 5)) if x > 0 else mp.mpf(0)
    living = beta * (alpha + intensity(pieces, 0, T)) ** -(r + x)
    return living, gone * (alpha + intensity(pieces, 0, t_x)) ** -(r + x)


def p_alive(x, t_x, T, pieces, r, alpha, a, b):
    """P(alive at T | x purchases, the last at t_x)."""
    living, gone = _weights(x, t_x, T, pieces, r, alpha, a, b)
    return living / (living + gone)


def expected_purchases(t, x, t_x, T, pieces, r, alpha, a, b):
    """Mean purchases in (T, T + t] given the history.

    Somebody alive with dropout p after each purchase is there at u with the probability exp(-lambda p S), S being the
    integral of s from T to u, and buys at the rate lambda s(u).
    """
    since = intensity(pieces, 0, T)

    def rate(u):
        ahead = intensity(pieces, T, u)

        def given(p):
            weight = p ** (a - 1) * (1 - p) ** (b + x - 1)
            return weight * (r + x) * (alpha + since + p * ahead) ** -(r + x + 1)

        return _at(pieces, u) * mp.quad(given, mp.linspace(0, 1, 5))

    total = sum(mp.quad(rate, edges) for edges in pairwise(_breaks(pieces, T, T + t)))
    living, gone = _weights(x, t_x, T, pieces, r, alpha, a, b)
    return total / (living + gone)
