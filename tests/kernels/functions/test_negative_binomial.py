"""Negative binomial probabilities and tails against mpmath, far into both."""

import itertools

import mpmath as mp
import pytest

from whalecurve.kernels.functions import negative_binomial

DIGITS = 60


COUNTS = [
    *itertools.product((0.0, 1.0, 2.0, 30.0, 171.0, 2500.0), (0.01, 0.24, 7.0, 900.0), (1e-3, 0.6, 12.0)),
    (33.0, 4e-4, 1e6),
    (2465.0, 1.4e-4, 9.4e6),
    (5176.0, 0.0057, 4.7e3),
]


@pytest.mark.parametrize(("n", "r", "y"), COUNTS)
def test_negative_binomial_and_its_tail_agree_with_mpmath(n, r, y):
    with mp.workdps(DIGITS):
        odds = mp.mpf(y)
        log_p = mp.loggamma(r + n) - mp.loggamma(r) - mp.loggamma(n + 1) + n * mp.log(odds) - (r + n) * mp.log1p(odds)
        p, z = mp.exp(log_p), odds / (1 + odds)
        tail = p * mp.hyp2f1(1, r + n, n + 1, z) if n else mp.mpf(1)
    if p > 1e-300:
        assert negative_binomial.negative_binomial(n, r, y) == pytest.approx(float(p), rel=1e-12)
        assert negative_binomial.negative_binomial_tail(n, r, y) == pytest.approx(float(tail), rel=1e-12)
