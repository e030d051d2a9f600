"""Columns are as high as their numbers, side by side within their group."""

import itertools
import xml.etree.ElementTree as ET

import pytest

from whalecurve.engine.reporting import NARROW, WIDE
from whalecurve.engine.reporting.charts import Divider, Series, column_chart


def bars(width, *values, dividers=()):
    series = [Series(name=str(i), values=one, tips=[f"{v}" for v in one]) for i, one in enumerate(values)]
    labels = [str(i) for i in range(len(values[0]))]
    drawn = column_chart(labels, series, width, title="T", says="S", x_title="x", dividers=dividers)
    found = [
        (r.get("class"), *(float(r.get(key)) for key in ("x", "y", "width", "height")))
        for r in ET.fromstring(drawn).iter("{http://www.w3.org/2000/svg}rect")
    ]
    return found[len(values) if len(values) > 1 else 0 :], drawn  # those of the legend come first


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_heights_are_in_proportion_and_groups_do_not_overlap(width):
    found, _ = bars(width, [4.0, 2.0, 0.0], [1.0, 3.0, 4.0])
    heights = [height for *_, height in found]
    assert heights == pytest.approx([high * heights[0] / 4.0 for high in (4, 2, 0, 1, 3, 4)], abs=0.02)
    spans = sorted((x, x + wide) for _, x, _, wide, _ in found)
    assert all(a[1] <= b[0] + 0.01 for a, b in itertools.pairwise(spans))
    assert all(0 <= x <= right <= width for x, right in spans)


def test_nothing_seen_is_no_division_by_zero():
    found, _ = bars(WIDE, [0.0, 0.0])
    assert [height for *_, height in found] == [0.0, 0.0]


def test_a_divider_has_its_words_within_the_picture():
    _, drawn = bars(NARROW, [1.0] * 4, dividers=[Divider(position=3.9, words="high tier: from 1.5k")])
    root = ET.fromstring(drawn)
    (words,) = (t for t in root.iter("{http://www.w3.org/2000/svg}text") if (t.text or "").startswith("high tier"))
    assert words.get("text-anchor") == "end"
