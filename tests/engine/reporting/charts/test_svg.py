"""Ticks and axes."""

import itertools
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whalecurve.engine.reporting.charts.svg import LEVELS, Axis, Plot, level, ticks


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0.0, 1.0, 6, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (0.0, 1.0057, 8, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (-30.0, 100.0, 6, [0.0, 50.0, 100.0]),
        (0.0, 738.0, 7, [0.0, 200.0, 400.0, 600.0]),
        (0.0, 0.45, 6, [0.0, 0.1, 0.2, 0.3, 0.4]),
        (3.0, 3.0, 6, [3.0]),
    ],
)
def test_ticks_are_round_numbers(low, high, most, expected):
    assert ticks(low, high, most) == expected


@given(st.floats(-1e9, 1e9), st.floats(1e-3, 1e9), st.integers(3, 12))
def test_ticks_lie_between_the_ends_and_are_no_more_than_asked(low, span, most):
    found = ticks(low, low + span, most)
    slack = 1e-6 * (abs(low) + span)
    assert len(found) <= most
    assert all(low - slack <= tick <= low + span + slack for tick in found)
    assert found == sorted(found)


def axis(n, high=1.0):
    return Axis(low=0.0, high=high, ticks=[i / n for i in range(n + 1)], label=lambda at: f"{at:.4f}", title="x")


def test_the_ends_of_the_axes_are_the_corners_of_the_plot():
    plot = Plot(width=200, height=100, x=axis(2), y=axis(2), left=20.0, right=10.0, top=5.0, bottom=15.0)
    assert (plot.at_x(0.0), plot.at_x(1.0), plot.at_y(0.0), plot.at_y(1.0)) == (20.0, 190.0, 85.0, 5.0)


@pytest.mark.parametrize("width", [350, 760])
def test_labels_of_x_never_run_into_one_another(width):
    plot = Plot(width=width, height=100, x=axis(40), y=axis(1))
    drawn = ET.fromstring(f"<g>{plot.axes()}</g>")
    xs = [float(t.get("x")) for t in drawn.iter("text") if t.get("y") == "75"]
    assert len(xs) > 3
    assert min(b - a for a, b in itertools.pairwise(xs)) >= 6 * 6.8


def test_an_axis_of_one_value_has_it_in_the_middle():
    plot = Plot(width=200, height=100, x=axis(1, high=0.0), y=axis(1), left=0.0, right=0.0)
    assert plot.at_x(0.0) == 100.0


def test_levels_share_the_scale_equally():
    assert [level(share) for share in (None, -1.0, 0.0, 0.5, 1.0, 7.0)] == [
        0,
        0,
        0,
        LEVELS // 2,
        LEVELS - 1,
        LEVELS - 1,
    ]
