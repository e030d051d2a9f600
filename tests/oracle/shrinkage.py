"""Shrinkage of rates by plain loops over customers, from the definitions."""

import math


def paule_mandel(means, variances):
    """Posterior means: tau² where the weighted squares are what they should be, by bisection."""

    def excess(between):
        weights = [1.0 / (v + between) for v in variances]
        centre = math.fsum(w * m for w, m in zip(weights, means, strict=True)) / math.fsum(weights)
        squares = (w * (m - centre) ** 2 for w, m in zip(weights, means, strict=True))
        return math.fsum(squares) - (len(means) - 1), centre

    low, high = 0.0, (max(means) - min(means)) ** 2 * len(means) + 1e-9
    if excess(low)[0] <= 0.0:
        high = 0.0
    while high - low > 1e-16 * high:
        middle = (low + high) / 2.0
        if middle in (low, high):
            break
        low, high = (middle, high) if excess(middle)[0] > 0.0 else (low, middle)
    centre = excess(high)[1]
    return [centre + high / (high + v) * (m - centre) for m, v in zip(means, variances, strict=True)]


def kish(weights):
    """Customers of equal weight that would weigh as much."""
    return math.fsum(weights) ** 2 / math.fsum(w * w for w in weights)


def ratio_and_variance(pairs):
    """Σy / Σx of customers (y, x), and its variance: what each moves it by, squared, with the loss of a degree."""
    total = math.fsum(x for _, x in pairs)
    ratio, n = math.fsum(y for y, _ in pairs) / total, kish([x for _, x in pairs])
    moves = [(y - ratio * x) / total for y, x in pairs]
    return ratio, math.fsum(move * move for move in moves) * n / (n - 1.0)


def beta_shares(tables):
    """Posterior means of returned over sold lines, of values with a list of customers (returned, sold) each.

    Lines count as many as they are worth of independent ones, by each value's own variance; Kleinman's moments.
    """
    told = []
    for pairs in tables:
        sold, (ratio, variance) = sum(x for _, x in pairs), ratio_and_variance(pairs)
        told.append((sold, ratio, variance, ratio * (1.0 - ratio) / sold))
    known = [one for one in told if one[3] > 0.0]
    common = math.fsum(v * sold**2 for sold, _, v, _ in known) / math.fsum(b * sold**2 for sold, _, _, b in known)
    effects = [max(v / b if b > 0.0 else common, 1.0) for _, _, v, b in told]
    n = [sold / effect for (sold, *_), effect in zip(told, effects, strict=True)]
    k = [min(ratio, 1.0) * lines for (_, ratio, *_), lines in zip(told, n, strict=True)]
    prior, rho = math.fsum(k) / math.fsum(n), 0.0
    for _ in range(2_000):
        room = seen = 0.0
        for returned, lines in zip(k, n, strict=True):
            weight, part = lines / (1.0 + rho * (lines - 1.0)), 1.0 - lines / math.fsum(n)
            seen += weight * ((returned / lines - prior) ** 2 / (prior * (1.0 - prior)) - part / max(lines, 1.0))
            room += weight * part * (1.0 - 1.0 / max(lines, 1.0))
        rho = min(max(seen / room, 0.0), 1.0)
    if rho == 0.0:
        return [prior] * len(k)
    strength = 1.0 / rho - 1.0
    return [(returned + strength * prior) / (lines + strength) for returned, lines in zip(k, n, strict=True)]
