import itertools
import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whalecurve.kernels.functions import special

DIGITS = 50
ARGUMENTS = [
    *(float(x) for x in 10.0 ** np.linspace(-25, 25, 101)),
    *(float(x) for x in np.linspace(0.05, 30.0, 400)),
    *(
        center + side * 10.0**-k
        for center in (1.0, 2.0, 8.0, 1.461632144968362)
        for side in (-1, 1)
        for k in range(2, 13)
    ),
]
law = settings(max_examples=100, deadline=None)
positive = st.floats(1e-6, 1e6)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (special.log_gamma, mp.loggamma),
        (special.digamma, mp.digamma),
        (special.trigamma, lambda x: mp.psi(1, x)),
    ],
    ids=["log_gamma", "digamma", "trigamma"],
)
def test_gamma_functions_agree_with_mpmath_to_the_last_digits(ours, theirs):
    # Relative from 1 on, absolute below, for the zeros of log-gamma and psi.
    with mp.workdps(DIGITS):
        errors = [abs(ours(x) - theirs(x)) / max(1, abs(theirs(x))) for x in ARGUMENTS]
    assert max(errors) < 2e-15


def test_log_gamma_keeps_relative_accuracy_between_its_zeros():
    with mp.workdps(DIGITS):
        errors = [abs(special.log_gamma(x) / mp.loggamma(x) - 1) for x in np.linspace(1.05, 1.95, 200).tolist()]
    assert max(errors) < 1e-15


SIZES = [1e-12, 1e-4, 0.3, 1.0, 4.7, 8.0, 60.0, 3e4, 1e9, 1e15]
PAIRS = list(itertools.product(SIZES, SIZES))


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_log_beta_agrees_with_mpmath_at_any_ratio_of_its_arguments(a, b):
    with mp.workdps(DIGITS):
        expected = mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(mp.mpf(a) + mp.mpf(b))
        assert abs(special.log_beta(a, b) - expected) < 3e-15 * max(1, abs(expected))


@pytest.mark.parametrize(("x", "k"), PAIRS)
def test_log_rising_agrees_with_mpmath(x, k):
    # The scale is that of k log(x + k), of which the result may be a small remainder near x + k = 1 or 2.
    with mp.workdps(DIGITS):
        expected = mp.loggamma(mp.mpf(x) + mp.mpf(k)) - mp.loggamma(x)
        scale = k * abs(mp.log(mp.mpf(x) + mp.mpf(k))) + abs(expected) + min(1, k / x)
        assert abs(special.log_rising(x, k) - expected) < 3e-15 * scale


@pytest.mark.parametrize(("a", "b", "n"), [(0.8, 2.4, 2500.0), (1e-9, 2.4, 7.0), (40.0, 3.0, 12.0), (3e3, 1e6, 20.0)])
def test_log_beta_ratio_agrees_with_mpmath(a, b, n):
    with mp.workdps(DIGITS):
        expected = mp.log(mp.beta(a, b + mp.mpf(n)) / mp.beta(a, b))
        assert special.log_beta_ratio(a, b, n) == pytest.approx(float(expected), rel=1e-14)


@law
@given(positive)
def test_recurrences_hold(x):
    # Differences of two values: the error is a few roundings of the larger one.
    assert special.log_gamma(x + 1.0) - special.log_gamma(x) == pytest.approx(
        math.log(x), abs=4e-16 * (2.0 + abs(special.log_gamma(x)) + abs(special.log_gamma(x + 1.0)))
    )
    assert special.digamma(x + 1.0) == pytest.approx(special.digamma(x) + 1.0 / x, abs=4e-15 * (1.0 + 1.0 / x))
    assert special.trigamma(x) == pytest.approx(special.trigamma(x + 1.0) + 1.0 / (x * x), rel=1e-14)


@law
@given(positive, positive)
def test_log_beta_is_symmetric(a, b):
    assert special.log_beta(a, b) == special.log_beta(b, a)


@law
@given(st.floats(-800.0, 800.0))
def test_logistic_and_softplus_are_one_function(x):
    assert special.logistic(x) + special.logistic(-x) == pytest.approx(1.0, rel=1e-15)
    assert special.softplus(x) - special.softplus(-x) == pytest.approx(x, rel=1e-15, abs=1e-15)
    if abs(x) < 700.0:
        assert -special.softplus(-x) == pytest.approx(math.log(special.logistic(x)), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("function", [special.log_gamma, special.digamma, special.trigamma])
@pytest.mark.parametrize("x", [0.0, -1.0, -0.5, -math.inf, math.nan])
def test_outside_the_domain_the_answer_is_nan(function, x):
    assert math.isnan(function(x))
    assert math.isnan(special.log_beta(x, 1.0))
    assert math.isnan(special.log_beta(1.0, x))
    assert math.isnan(special.log_rising(x, 1.0))


def test_the_ends_of_the_number_range_give_limits():
    assert special.log_gamma(1e305) == math.inf
    assert special.digamma(5e-324) == -math.inf
    assert special.trigamma(1e-200) == math.inf
    assert special.digamma(1e301) == pytest.approx(math.log(1e301), rel=1e-15)
