"""A step in the trust region: as low as any other of its length, whatever the curvature."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whalecurve.engine.models.optimum import maximise, newton_step


def surface_at(seed, size, kind, scale):
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(size, size))
    curvature = {"saddle": a + a.T, "bowl": a @ a.T, "ridge": np.outer(a[0], a[0]), "axes": np.diag(a[0])}.get(
        kind, a + a.T
    )
    slope = rng.normal(size=size)
    if kind == "axes":
        slope[0] = 0.0
    if kind == "vanishing":
        slope *= 1e-30
    return slope * 10.0**scale, curvature, rng


@given(
    st.integers(0, 10**6),
    st.integers(1, 5),
    st.sampled_from(["saddle", "bowl", "ridge", "axes", "vanishing"]),
    st.floats(-6.0, 4.0),
    st.floats(-3.0, 1.0),
)
def test_no_step_of_its_length_goes_lower(seed, size, kind, scale, reach):
    slope, curvature, rng = surface_at(seed, size, kind, scale)
    radius = 10.0**reach
    step = newton_step(slope, curvature, radius)
    assert np.linalg.norm(step) <= radius * (1.0 + 1e-9)

    def height(at):
        return slope @ at + 0.5 * at @ curvature @ at

    others = rng.normal(size=(200, size))
    others *= radius * rng.random((200, 1)) ** (1.0 / size) / np.linalg.norm(others, axis=1, keepdims=True)
    lowest = height(step)
    assert min(map(height, others)) >= lowest - 1e-7 * abs(lowest)


def test_within_the_region_the_step_is_newtons():
    curvature = np.array([[4.0, 1.0], [1.0, 3.0]])
    slope = np.array([0.1, -0.2])
    assert newton_step(slope, curvature, 1.0) == pytest.approx(-np.linalg.solve(curvature, slope), rel=1e-14)


def test_on_top_of_a_saddle_it_leaves_along_the_lowest_axis():
    step = newton_step(np.array([0.0, 1.0]), np.diag([-2.0, 4.0]), 1.0)
    assert abs(step) == pytest.approx([np.sqrt(1.0 - (1.0 / 6.0) ** 2), 1.0 / 6.0], rel=1e-12)


def test_a_climb_that_meets_no_number_has_not_converged():
    top = maximise(lambda params: (np.nan, np.zeros(2), np.zeros((2, 2))), [(1.0, 1.0)], 10.0)
    assert top.log_likelihood == -np.inf
    assert not top.converged


def test_a_curved_valley_is_followed_to_its_end():
    """Rosenbrock's, in logs of two parameters: heights say the way only along the valley."""

    def likelihood(params):
        x, y = np.log(params)
        value = -((1.0 - x) ** 2) - 100.0 * (y - x * x) ** 2
        by_x, by_y = 2.0 * (1.0 - x) + 400.0 * x * (y - x * x), -200.0 * (y - x * x)
        gradient = np.array([by_x, by_y]) / params
        xx, xy = -2.0 + 400.0 * (y - 3.0 * x * x), 400.0 * x
        hessian = np.array([[xx - by_x, xy], [xy, -200.0 - by_y]]) / np.outer(params, params)
        return value, gradient, hessian

    top = maximise(likelihood, [np.exp([-1.2, 1.0])], 1.0)
    assert top.converged
    assert np.log(top.params) == pytest.approx([1.0, 1.0], rel=1e-12)
    assert top.iterations < 40
