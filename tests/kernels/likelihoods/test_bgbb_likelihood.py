import math

import numpy as np
import pytest
from mpmath import beta, log, mp, mpf

from whalecurve.kernels import bgbb
from whalecurve.kernels.likelihoods import bgbb_likelihood as bgbb_likelihood

DONATIONS = (1.203528, 0.749726, 0.6567808, 2.783796)
PARAMETERS = [DONATIONS, (0.05, 4.0, 2.5, 0.3), (30.0, 20.0, 1e-3, 70.0), (4e5, 9e5, 3e6, 5e7)]
HISTORIES = [(0, 0, 0), (0, 0, 6), (3, 4, 6), (6, 6, 6), (1, 2, 20), (12, 15, 20)]
UPPER = [(i, j) for i in range(4) for j in range(i, 4)]


def log_likelihood(x, t_x, n, a, b, c, d):
    """Fader, Hardie & Shang (2010), equation 4, as printed."""
    alive = beta(a + x, b + n - x) / beta(a, b) * beta(c, d + n) / beta(c, d)
    gone = sum(beta(a + x, b + i - x) / beta(a, b) * beta(c + 1, d + i) / beta(c, d) for i in range(t_x, n))
    return log(alive + gone)


def differences(history, params, step="1e-15"):
    """Value, gradient and Hessian by the logs of the parameters, by central differences with 60 digits."""
    with mp.workdps(60):
        step = mpf(step)

        def at(*moves):
            moved = [mpf(p) for p in params]
            for i, sign in moves:
                moved[i] *= mp.exp(sign * step)
            return log_likelihood(*history, *moved)

        slopes = [(at((i, 1)) - at((i, -1))) / (2 * step) for i in range(4)]
        curves = [
            (at((i, 1), (j, 1)) - at((i, 1), (j, -1)) - at((i, -1), (j, 1)) + at((i, -1), (j, -1))) / (4 * step**2)
            for i, j in UPPER
        ]
        return float(at()), np.array([float(v) for v in slopes]), np.array([float(v) for v in curves])


@pytest.mark.parametrize("params", PARAMETERS)
@pytest.mark.parametrize("history", HISTORIES)
def test_derivatives_agree_with_differences_of_sixty_digits(history, params):
    terms = np.empty(15)
    bgbb_likelihood.history_terms(*map(float, history), *params, terms)
    value, slopes, curves = differences(history, params)
    p = np.array(params)
    by_log = terms[1:5] * p
    curve_by_log = [terms[5 + k] * p[i] * p[j] + (by_log[i] if i == j else 0.0) for k, (i, j) in enumerate(UPPER)]
    # By log parameters derivatives are of the size of counts; entries that vanish do so to rounding of the others.
    scale = 1.0 + np.abs(slopes).max()
    assert terms[0] == pytest.approx(value, rel=1e-12, abs=1e-12)
    np.testing.assert_allclose(by_log, slopes, rtol=1e-12, atol=1e-14 * scale)
    np.testing.assert_allclose(curve_by_log, curves, rtol=1e-11, atol=1e-13 * scale * scale)


@pytest.mark.parametrize("params", PARAMETERS)
def test_value_is_the_log_likelihood(params):
    for history in HISTORIES:
        inputs = tuple(map(float, history))
        value, *slopes = bgbb_likelihood.log_likelihood_gradient_one(*inputs, *params)
        assert value == pytest.approx(bgbb.log_likelihood_one(*inputs, *params), rel=1e-14, abs=1e-14)
        assert all(map(math.isfinite, slopes))


def test_an_impossible_history_has_no_derivatives():
    assert all(map(math.isnan, bgbb_likelihood.log_likelihood_gradient_one(2.0, 1.0, 6.0, *DONATIONS)))
    assert all(map(math.isnan, bgbb_likelihood.log_likelihood_gradient_one(2.0, 3.0, 6.0, 0.0, 1.0, 1.0, 1.0)))


def test_sums_weigh_histories_by_their_counts_and_do_not_depend_on_threads(monkeypatch):
    histories = [(0, 0)] + [(x, t_x) for t_x in range(1, 7) for x in range(1, t_x + 1)]
    x, t_x = (np.tile(np.array(column, dtype=np.float64), 500) for column in zip(*histories, strict=True))
    n, counts = np.full_like(x, 6.0), np.arange(x.shape[0]) % 7.0
    sums = bgbb_likelihood.history_sums(x, t_x, n, counts, *DONATIONS)
    monkeypatch.setenv("NUMBA_NUM_THREADS", "1")
    assert (bgbb_likelihood.history_sums(x, t_x, n, counts, *DONATIONS) == sums).all()
    expected, terms = np.zeros(15), np.empty(15)
    for i in range(x.shape[0]):
        bgbb_likelihood.history_terms(x[i], t_x[i], n[i], *DONATIONS, terms)
        expected += counts[i] * terms
    np.testing.assert_allclose(sums, expected, rtol=1e-11)
