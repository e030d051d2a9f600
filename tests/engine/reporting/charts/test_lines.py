"""Curves go through their points."""

import re

import pytest

from whalecurve.engine.reporting import NARROW, WIDE
from whalecurve.engine.reporting.charts import Axis, Line, Mark, line_chart

UNIT = Axis(low=0.0, high=1.0, ticks=[0.0, 1.0], label=lambda at: f"{at:.0f}", title="x")


def drawn(width, *lines, **options):
    return line_chart(lines, UNIT, UNIT, width, title="T", says="S", **options)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_curve_goes_from_corner_to_corner_and_the_cursor_knows_them(width):
    picture = drawn(width, Line(name="a", points=[(0.0, 0.0), (0.5, 1.0), (1.0, 0.0)]))
    (path,) = re.findall(r'class="curve c0" d="M([^"]+)"', picture)
    points = [tuple(map(float, point.split())) for point in path.split("L")]
    left, right, bottom, top = (
        float(re.search(rf'data-{name}="([^"]+)"', picture)[1]) for name in ("left", "right", "bottom", "top")
    )
    assert points == [(left, bottom), (pytest.approx((left + right) / 2), top), (right, bottom)]
    assert 0 < left < right < width


def test_several_curves_have_a_legend_and_one_has_none():
    two = drawn(WIDE, Line(name="first", points=[(0.0, 0.0)]), Line(name="second", points=[(1.0, 1.0)]))
    assert ">first</text>" in two
    assert ">second</text>" in two
    assert ">first</text>" not in drawn(WIDE, Line(name="first", points=[(0.0, 0.0)]))


def test_marks_are_named_on_the_side_where_there_is_room():
    marks = [Mark(x=0.0, y=0.0, words="low"), Mark(x=1.0, y=1.0, words="high", is_left=True)]
    picture = drawn(WIDE, Line(name="a", points=[(0.0, 0.0), (1.0, 1.0)]), marks=marks)
    assert re.search(r'text-anchor="start"[^>]*>low<', picture)
    assert re.search(r'text-anchor="end"[^>]*>high<', picture)


def test_a_curve_without_points_is_not_drawn():
    assert "curve" not in drawn(WIDE, Line(name="a", points=[]))
