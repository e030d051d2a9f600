"""Areas are shares."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whalecurve.engine.reporting.charts.treemap import Part, Rectangle, squarified, treemap_chart

ROOM = Rectangle(x=0.0, y=0.0, width=760.0, height=340.0)


@given(st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=40))
def test_areas_are_in_proportion_and_fill_the_room_without_overlap(sizes):
    sizes.sort(reverse=True)
    places = squarified(sizes, ROOM)
    total = math.fsum(sizes)
    for size, place in zip(sizes, places, strict=True):
        assert place.width * place.height == pytest.approx(size / total * ROOM.width * ROOM.height, rel=1e-6)
        assert -1e-6 <= place.x <= place.x + place.width <= ROOM.width + 1e-3
        assert -1e-6 <= place.y <= place.y + place.height <= ROOM.height + 1e-3
    for i, a in enumerate(places):
        for b in places[i + 1 :]:
            across = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
            down = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
            assert min(across, down) <= 1e-3


def test_equal_sizes_are_nearly_square():
    places = squarified([1.0] * 12, ROOM)
    assert all(0.5 <= place.width / place.height <= 2.0 for place in places)


def test_the_example_of_the_paper():
    """Bruls, Huizing & van Wijk (2000), figure 5: 6, 6, 4, 3, 2, 2, 1 in 6 by 4."""
    places = squarified([6, 6, 4, 3, 2, 2, 1], Rectangle(x=0.0, y=0.0, width=6.0, height=4.0))
    shapes = [(round(p.width, 2), round(p.height, 2)) for p in places]
    assert shapes == [(3.0, 2.0), (3.0, 2.0), (1.71, 2.33), (1.29, 2.33), (1.2, 1.67), (1.2, 1.67), (0.6, 1.67)]


def test_names_stand_only_where_they_fit():
    parts = [
        Part(name=name, size=size, level=0, line="1%", tip=f"{name}!")
        for name, size in (("Large", 990.0), ("Tiny", 1.0))
    ]
    drawn = treemap_chart(parts, 760, title="T", says="S")
    assert ">Large</text>" in drawn
    assert ">Tiny</text>" not in drawn
    assert "<title>Tiny!</title>" in drawn
