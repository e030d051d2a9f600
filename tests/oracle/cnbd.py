"""(M)BG/CNBD-k from its definition: BG/NBD with gaps of k exponential stages, by integrals over a customer's rate.

A stage is an event of a Poisson process of rate lam, Gamma(r, rate alpha); each k-th is a purchase, after which the
customer leaves with probability p, Beta(a, b). `tosses` is 1 where that holds of the first purchase, too.
"""

from mpmath import beta, exp, gamma, log, mp, mpf, sqrt

mp.dps = 30


def rate_mean(f, r, alpha, power=0, until=0):
    """Mean of lam^power exp(-lam until) f(lam), by the trapezoidal rule in its log, finer than its peak."""
    r, alpha, shape = mpf(r), mpf(alpha), mpf(r) + power
    scale, step = alpha + until, min(mpf(1) / 16, mpf("0.5") / sqrt(shape))
    total = mpf(0)
    for i in range(int((log(shape) - 4 - 46 / shape) / step), int(log(shape + 12 * sqrt(shape) + 80) / step)):
        u = i * step
        total += exp(shape * u - exp(u)) * f(exp(u) / scale)
    return total * step * alpha**r / gamma(r) / scale**shape


def stayed(n, a, b):
    """Mean of (1 - p)^n."""
    return beta(mpf(a), mpf(b) + n) / beta(mpf(a), mpf(b))


def fewer(k, events):
    """P(fewer than k events of a Poisson count of so many on average)."""
    term = total = mpf(1) if k else mpf(0)
    for i in range(1, k):
        term *= events / i
        total += term
    return exp(-events) * total


def as_many(k, events):
    """P(k events or more); not one less the others where few are expected."""
    if events >= k:
        return 1 - fewer(k, events)
    term = total = exp(-events) * events**k / gamma(k + 1)
    while term > mpf(10) ** -(mp.dps + 5) * total:
        k += 1
        term *= events / k
        total += term
    return total


def joint_density(x, t_x, T, log_gaps, k, r, alpha, a, b, tosses):
    """Density of x gaps, the last purchase at t_x, then silence until T: with the customer alive at T, and gone."""
    k, chances = int(k), x + tosses
    gaps = exp((k - 1) * mpf(log_gaps)) / gamma(k) ** x
    silence = mpf(T) - mpf(t_x)
    times = (r, alpha, k * x, t_x)
    alive = stayed(chances, a, b) * gaps * rate_mean(lambda lam: fewer(k, lam * silence), *times)
    if chances == 0:
        return alive, mpf(0)
    return alive, (stayed(chances - 1, a, b) - stayed(chances, a, b)) * gaps * rate_mean(lambda lam: mpf(1), *times)


def log_likelihood(x, t_x, T, log_gaps, k, r, alpha, a, b, tosses):
    return log(sum(joint_density(x, t_x, T, log_gaps, k, r, alpha, a, b, tosses)))


def p_alive(x, t_x, T, k, r, alpha, a, b, tosses):
    alive, gone = joint_density(x, t_x, T, 0.0, k, r, alpha, a, b, tosses)
    return alive / (alive + gone)


def p_no_purchase(t, x, t_x, T, k, r, alpha, a, b, tosses):
    alive, gone = joint_density(x, t_x, T, 0.0, k, r, alpha, a, b, tosses)
    silent, _ = joint_density(x, t_x, mpf(T) + t, 0.0, k, r, alpha, a, b, tosses)
    return (silent + gone) / (alive + gone)


def pmf(n, t, k, r, alpha, a, b, tosses):
    k, t, chances = int(k), mpf(t), n + tosses
    between = rate_mean(lambda lam: fewer(k * (n + 1), lam * t) - (fewer(k * n, lam * t) if n else 0), r, alpha)
    if chances == 0:
        return between
    in_time = rate_mean(lambda lam: as_many(k * n, lam * t), r, alpha) if n else mpf(1)
    return stayed(chances, a, b) * between + (stayed(chances - 1, a, b) - stayed(chances, a, b)) * in_time


def ahead(t, x, t_x, T, k, r, alpha, a, b, tosses):
    """Density of the history of one who is alive, and the same times mean purchases in (T, T + t]."""
    k, chances, t = int(k), x + tosses, mpf(t)
    silence = mpf(T) - mpf(t_x)

    def purchases(lam):
        """With j stages of the gap passed by T, the n-th purchase ahead comes with stage n k - j."""
        total, n = mpf(0), 1
        passed = [exp(-lam * silence) * (lam * silence) ** j / gamma(j + 1) for j in range(k)]
        while True:
            late = sum(w * as_many(n * k - j, lam * t) for j, w in enumerate(passed))
            term = stayed(chances + n - 1, a, b) * late
            total += term
            if term < mpf(10) ** (2 - mp.dps) * total or not term:
                return total
            n += 1

    times = (r, alpha, k * x, t_x)
    alive = rate_mean(lambda lam: fewer(k, lam * silence), *times)
    return stayed(chances, a, b) * alive, rate_mean(purchases, *times)


def expected_if_alive(t, x, t_x, T, k, r, alpha, a, b, tosses):
    alive, purchases = ahead(t, x, t_x, T, k, r, alpha, a, b, tosses)
    return purchases / alive


def expected_purchases(t, k, r, alpha, a, b, tosses):
    alive, purchases = ahead(t, 0, 0.0, 0.0, k, r, alpha, a, b, tosses)
    return purchases / alive * stayed(tosses, a, b)


def expected_by_series(t, x, t_x, T, k, r, alpha, a, b, tosses, digits=50):
    """`expected_if_alive` from the weights of (stages passed, stages ahead) with so many digits, plainly added up."""
    with mp.workdps(digits + 15):
        k, t, r, alpha, a, b = int(k), mpf(t), mpf(r) + int(k) * x, mpf(alpha) + mpf(T), mpf(a), mpf(b) + x + tosses
        silence, whole = mpf(T) - mpf(t_x), alpha + t
        weights = [mpf(1)]
        for j in range(1, k):
            weights.append(weights[-1] * (r + j - 1) / j * silence / whole)
        taken, chance = [mpf(0)], mpf(1)
        total = weight = mpf(0)
        m = 0
        while True:
            while len(taken) <= (m + k) // k:
                n = len(taken)
                taken.append(taken[-1] + chance)
                chance *= (b + n - 1) / (a + b + n - 1)
            total += sum(w * taken[(j + m) // k] for j, w in enumerate(weights))
            added = sum(weights)
            weight += added
            ratio = (r + k + m) / (m + 1) * t / whole
            if ratio < 1 and added * (m + 10) / (1 - ratio) ** 2 < mpf(10) ** -digits * total:
                return total / weight
            weights = [w * (r + j + m) / (m + 1) * t / whole for j, w in enumerate(weights)]
            m += 1
