"""Boundaries of several looks against published ones and against simulation."""

from itertools import pairwise

import numpy as np
import pytest

from whalecurve.engine.effects import boundaries, crossing, information_of, planned_boundaries, spent


def test_the_classical_boundaries_as_published_are_crossed_as_often_as_they_say():
    """Jennison & Turnbull (2000), Group Sequential Methods, table 2.3: C = 2.040 for five looks, α = 0.05."""
    times = [0.2, 0.4, 0.6, 0.8, 1.0]
    bounds = [4.562, 3.226, 2.634, 2.281, 2.040]
    assert crossing(times, bounds) == pytest.approx(0.05, abs=2e-5)
    assert bounds == pytest.approx([2.040 / t**0.5 for t in times], abs=6e-4)


def test_the_spending_boundaries_are_the_published_ones():
    """Reboussin, DeMets, Kim & Lan (2000), Controlled Clinical Trials 21: O'Brien-Fleming type, five equal looks."""
    assert planned_boundaries(5, 0.05) == pytest.approx([4.8769, 3.3569, 2.6803, 2.2898, 2.0310], abs=2e-4)


def test_all_is_spent_by_the_end_and_no_more():
    assert spent(1.0, 0.05) == 0.05
    assert spent(0.0, 0.05) == 0.0
    times = [0.1, 0.35, 0.6, 1.0]
    bounds = boundaries(times, [spent(t, 0.05) for t in times])
    assert crossing(times, bounds) == pytest.approx(0.05, abs=1e-6)


def test_one_look_is_the_fixed_test():
    assert planned_boundaries(1, 0.05) == pytest.approx([1.959964], abs=1e-6)


def test_few_walks_without_an_effect_cross_in_the_end():
    rng = np.random.default_rng(11)
    times = np.array([0.2, 0.3, 0.7, 1.0])
    bounds = boundaries(times.tolist(), [spent(t, 0.05) for t in times])
    steps = rng.standard_normal((200_000, 4)) * np.sqrt(np.diff(times, prepend=0.0))
    z = steps.cumsum(axis=1) / np.sqrt(times)
    assert (np.abs(z) > bounds).any(axis=1).mean() == pytest.approx(0.05, abs=0.002)


def test_information_follows_from_the_correlation_of_neighbouring_looks():
    times = np.array([0.25, 0.5, 1.0])
    correlations = np.sqrt(times[:-1] / times[1:])
    assert information_of(correlations.tolist()) == pytest.approx(times.tolist())


@pytest.mark.parametrize("correlations", [[0.0], [-0.2], [-1.0], [1.0], [0.0, 0.5], [0.7, -0.1]])
def test_looks_that_say_nothing_of_the_last_leave_it_the_bound_that_is_left(correlations):
    times = information_of(correlations)
    assert all(before < after for before, after in pairwise([0.0, *times]))
    bounds = boundaries(times, [spent(time, 0.05) for time in times])
    assert np.isfinite(bounds).all()
    assert bounds[-1] >= 1.95
    assert crossing(times, bounds) == pytest.approx(0.05, abs=2e-4)


def test_looks_at_which_nothing_is_spent_are_never_crossed():
    assert planned_boundaries(20, 0.05)[0] == pytest.approx(8.0)
