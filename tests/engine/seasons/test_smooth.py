import numpy as np
import pytest

from whalecurve.engine.errors import NotIdentifiedError
from whalecurve.engine.seasons.smooth import _equations, _walk, smoothed
from whalecurve.engine.seasons.year import PARTS, days_of_parts, parts_of

DAYS = np.arange(18_993, 18_993 + 3 * 365)  # from 2022-01-01
WEEKS = parts_of(DAYS)


def test_the_mixed_model_equations_are_restricted_likelihood_of_the_marginal_normal():
    """Against the definition: y ~ N(X b, V), V = diag(1/mu + s2) + v Z Z', integrated over b (Harville 1974)."""
    draws = np.random.default_rng(3)
    n, variance, dispersion = 80, 0.3, 0.02
    mu, y = draws.uniform(5.0, 50.0, n), draws.normal(size=n)
    fixed, random = np.column_stack([np.ones(n), np.linspace(-1, 1, n)]), _walk()[draws.integers(0, PARTS, n)]
    V = np.diag(1.0 / mu + dispersion) + variance * random @ random.T
    inverse = np.linalg.inv(V)
    gram = fixed.T @ inverse @ fixed
    b = np.linalg.solve(gram, fixed.T @ inverse @ y)
    rest = y - fixed @ b
    expected = -0.5 * (np.linalg.slogdet(V)[1] + np.linalg.slogdet(gram)[1] + rest @ inverse @ rest)
    solved = _equations(y, mu, np.column_stack([fixed, random]), variance, dispersion)
    assert solved.likelihood == pytest.approx(expected, rel=1e-10)
    assert solved.effects[:2] == pytest.approx(b, rel=1e-8)
    assert solved.effects[2:] == pytest.approx(variance * random.T @ inverse @ rest, rel=1e-7, abs=1e-10)
    given_b = variance * np.eye(PARTS - 1) - variance**2 * random.T @ inverse @ random
    spread = variance * random.T @ inverse @ fixed
    errors = given_b + spread @ np.linalg.solve(gram, spread.T)
    assert solved.covariance[2:, 2:] == pytest.approx(errors, rel=1e-7, abs=1e-10)


def test_a_walk_has_no_level_and_a_variance_of_one():
    walk = _walk()
    assert np.abs(walk.sum(axis=0)).max() < 1e-12
    assert np.diag(walk @ walk.T).mean() == pytest.approx(1.0, rel=1e-12)


def test_a_planted_season_comes_back_within_its_errors():
    truth = 0.4 * np.cos(2.0 * np.pi * (np.arange(PARTS) - 47) / PARTS)
    truth -= np.log(days_of_parts() @ np.exp(truth) / 365.0)
    expected = np.linspace(20.0, 60.0, DAYS.size)
    counts = np.random.default_rng(5).poisson(expected * np.exp(truth)[WEEKS] * 0.8).astype(float)
    found = smoothed(counts, expected, WEEKS)
    z = (found.log_factors - truth) / found.standard_errors
    assert (np.abs(z) < 1.96).mean() > 0.85
    assert np.sqrt(np.mean((found.log_factors - truth) ** 2)) < 0.05
    assert days_of_parts() @ np.exp(found.log_factors) == pytest.approx(365.0, rel=1e-12)
    assert found.gain > 100.0
    assert found.seen.tolist() == [3] * PARTS


def test_steady_counts_have_a_season_of_nothing():
    expected = np.full(DAYS.size, 30.0)
    found = smoothed(np.random.default_rng(8).poisson(expected).astype(float), expected, WEEKS)
    assert np.abs(found.log_factors).max() < 0.03
    assert found.gain < 6.6


def test_a_trend_is_no_season():
    expected = np.full(DAYS.size, 40.0)
    grown = expected * np.exp(0.5 * np.arange(DAYS.size) / 365.25)
    found = smoothed(np.random.default_rng(2).poisson(grown).astype(float), expected, WEEKS)
    assert found.trend == pytest.approx(0.5, abs=0.03)
    assert np.abs(found.log_factors).max() < 0.05


def test_weeks_that_vary_by_more_than_chance_are_told_from_a_season():
    draws = np.random.default_rng(4)
    expected = np.full(DAYS.size, 40.0)
    starts = np.flatnonzero(np.append(True, WEEKS[1:] != WEEKS[:-1]))
    shocks = np.repeat(draws.normal(0.0, 0.2, starts.size), np.diff(np.append(starts, DAYS.size)))
    found = smoothed(draws.poisson(expected * np.exp(shocks)).astype(float), expected, WEEKS)
    assert found.dispersion == pytest.approx(0.04, rel=0.4)
    assert found.gain < 6.6


def test_weeks_without_a_purchase_are_no_infinity():
    expected = np.full(DAYS.size, 2.0)
    counts = np.where(WEEKS >= 46, 0.0, np.random.default_rng(1).poisson(2.0, DAYS.size))
    found = smoothed(counts, expected, WEEKS)
    assert np.isfinite(found.log_factors).all()
    assert found.log_factors[46:].max() < found.log_factors[:44].min() - 1.0


def test_purchases_of_a_few_weeks_tell_no_season():
    expected = np.where(np.arange(DAYS.size) < 100, 5.0, 1e-3)
    with pytest.raises(NotIdentifiedError, match=r"expected in 15 weeks of the log, and a season needs them in 52"):
        smoothed(expected, expected, WEEKS)
    with pytest.raises(NotIdentifiedError, match="expected in 0 weeks"):
        smoothed(expected, np.full(DAYS.size, np.nan), WEEKS)
