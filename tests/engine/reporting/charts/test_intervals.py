"""Estimates lie within their intervals, and those on the axis."""

import xml.etree.ElementTree as ET

import pytest

from whalecurve.engine.reporting import NARROW, WIDE
from whalecurve.engine.reporting.charts import Axis, Interval, interval_chart

SVG = "{http://www.w3.org/2000/svg}"
AXIS = Axis(low=-0.2, high=0.4, ticks=[-0.2, 0.0, 0.2, 0.4], label=lambda x: f"{x:+.0%}", title="relative effect")


def drawn(rows, width):
    return ET.fromstring(interval_chart(rows, AXIS, width, title="T", says="S"))


def row(name="all", value=0.1, low=0.0, high=0.2):
    return Interval(name=name, value=value, low=low, high=high, written="w")


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_point_lies_between_the_ends_of_its_interval(width):
    chart = drawn([row(), row("a", -0.05, -0.15, 0.05)], width)
    lines = [line for line in chart.iter(f"{SVG}line") if line.get("class") == "curve c0"]
    points = [float(point.get("cx")) for point in chart.iter(f"{SVG}circle")]
    zero = next(float(line.get("x1")) for line in chart.iter(f"{SVG}line") if line.get("class") == "zero")
    for line, point in zip(lines, points, strict=True):
        assert point == pytest.approx((float(line.get("x1")) + float(line.get("x2"))) / 2, abs=0.02)
    assert float(lines[0].get("x1")) == pytest.approx(zero, abs=0.02)
    assert points[1] < zero < points[0]


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_nothing_leaves_the_picture(width):
    chart = drawn([row("W" * 80, 5.0, -9.0, 9.0), row()], width)
    assert all(0 <= float(line.get(end)) <= width for line in chart.iter(f"{SVG}line") for end in ("x1", "x2"))
    assert all(0 <= float(text.get("x")) < width for text in chart.iter(f"{SVG}text"))


def test_an_estimate_that_there_is_not_has_a_name_alone():
    chart = drawn([row("none", None, None, None)], WIDE)
    assert not list(chart.iter(f"{SVG}circle"))
    assert "none" in [text.text for text in chart.iter(f"{SVG}text")]
