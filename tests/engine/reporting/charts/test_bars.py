"""Bars are as long as their numbers."""

import xml.etree.ElementTree as ET

import pytest

from whalecurve.engine.reporting import NARROW, WIDE
from whalecurve.engine.reporting.charts import Panel, bar_chart

VALUES = [1.0, 0.5, -0.25, None]


def rectangles(width, values=VALUES):
    panel = Panel(title="share", values=values, written=["–" if v is None else f"{v}" for v in values])
    drawn = ET.fromstring(bar_chart(["a", "b", "c", "d"][: len(values)], [panel], width, title="T", says="S"))
    name = "{http://www.w3.org/2000/svg}"
    bars = [(r.get("class"), float(r.get("x")), float(r.get("width"))) for r in drawn.iter(f"{name}rect")]
    return bars, drawn


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_lengths_are_in_proportion_and_losses_go_to_the_left(width):
    (first, second, loss, none), _ = rectangles(width)
    assert second[2] == pytest.approx(first[2] / 2, abs=0.02)
    assert loss[2] == pytest.approx(first[2] / 4, abs=0.02)
    assert none[2] == 0.0
    assert first[1] == second[1] == pytest.approx(loss[1] + loss[2], abs=0.02)
    assert (first[0], loss[0]) == ("bar", "bar loss")


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("values", [VALUES, [0.0], [None], [-5.0], [1e12, 1e-12]])
def test_nothing_leaves_the_picture(width, values):
    bars, drawn = rectangles(width, values)
    assert all(0 <= x <= x + long <= width for _, x, long in bars)
    for text in drawn.iter("{http://www.w3.org/2000/svg}text"):
        assert 0 <= float(text.get("x")) < width


def lengths(*scales):
    """Of the bars of two panels, whose numbers are 0.8 and 0.2."""
    panels = [
        Panel(title=f"{i}", values=[value], written=["1"], scale=scale)
        for i, (value, scale) in enumerate(zip((0.8, 0.2), scales, strict=True))
    ]
    drawn = ET.fromstring(bar_chart(["a"], panels, WIDE, title="T", says="S"))
    return [float(r.get("width")) for r in drawn.iter("{http://www.w3.org/2000/svg}rect")]


def test_panels_of_one_scale_can_be_compared_and_others_fill_their_column():
    first, second = lengths("share", "share")
    assert second == pytest.approx(first / 4, abs=0.02)
    first, second = lengths("", "")
    assert second == pytest.approx(first, abs=0.02)
