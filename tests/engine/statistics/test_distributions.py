"""Distribution functions, against fifty digits."""

import mpmath
import numpy as np
import pytest

from whalecurve.engine.statistics import distributions

POINTS = [-6.0, -2.5, -0.1, 0.0, 0.3, 1.96, 5.0]


@pytest.mark.parametrize("z", POINTS)
def test_the_normal_distribution_and_its_quantiles(z):
    assert distributions.normal_below(z) == pytest.approx(float(mpmath.ncdf(z)), rel=1e-13)
    assert distributions.normal_quantile(float(mpmath.ncdf(z))) == pytest.approx(z, abs=1e-8)


@pytest.mark.parametrize("t", POINTS)
@pytest.mark.parametrize("degrees", [1.0, 4.0, 33.5])
def test_students_distribution_and_its_quantiles(degrees, t):
    tail = mpmath.betainc(degrees / 2, 0.5, 0, degrees / (degrees + t * t), regularized=True) / 2
    expected = float(tail if t <= 0 else 1 - tail)
    assert distributions.student_below(degrees, t) == pytest.approx(expected, rel=1e-11)
    assert distributions.student_quantile(degrees, expected) == pytest.approx(t, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize(("degrees", "x"), [(1, 0.0), (1, 3.84), (5, 11.1), (40, 90.0)])
def test_the_upper_tail_of_chi_square(degrees, x):
    expected = float(mpmath.gammainc(degrees / 2, x / 2, regularized=True))
    assert distributions.chi_square_above(degrees, x) == pytest.approx(expected, rel=1e-12)


def test_log_gamma_and_that_arrays_broadcast():
    x = np.array([0.5, 1.0, 33.3, 1e6])
    assert distributions.log_gamma(x) == pytest.approx([float(mpmath.loggamma(each)) for each in x], rel=1e-13)
    assert distributions.student_below(np.array([[1.0], [2.0]]), np.zeros(3)).tolist() == [[0.5] * 3] * 2
