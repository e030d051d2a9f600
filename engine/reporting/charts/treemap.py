"""A treemap: the area of a rectangle is a group's share of the whole."""

from collections.abc import Sequence
from dataclasses import dataclass

from whalecurve.engine.reporting import NARROW, Markup, element, extent, joined
from whalecurve.engine.reporting.charts.svg import NORMAL, SMALL, fitted, picture, tip


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A group: its name, its size (above 0), its shade (of `svg.LEVELS`), the line below its name, and more of it."""

    name: str
    size: float
    level: int
    line: str
    tip: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rectangle:
    """Where a part lies."""

    x: float
    y: float
    width: float
    height: float


def treemap_chart(parts: Sequence[Part], width: int, *, title: str, says: str) -> Markup:
    """Largest first, from the left upper corner on."""
    ordered = sorted(parts, key=lambda part: -part.size)
    height = 460.0 if width <= NARROW else 340.0
    places = squarified([part.size for part in ordered], Rectangle(x=0.0, y=0.0, width=float(width), height=height))
    shown = [_part(part, place) for part, place in zip(ordered, places, strict=True)]
    return picture(width, height, *shown, title=title, says=says)


def squarified(sizes: Sequence[float], room: Rectangle) -> list[Rectangle]:
    """Rectangles of areas in proportion to sizes, which fall; as square as can be had from strips.

    Source: Bruls, Huizing & van Wijk (2000), Squarified treemaps.
    """
    total = sum(sizes)
    areas = [size / total * room.width * room.height for size in sizes] if total > 0 else []
    places: list[Rectangle] = []
    while areas:
        side = min(room.width, room.height)
        n = 1
        while n < len(areas) and _worst(areas[: n + 1], side) <= _worst(areas[:n], side):
            n += 1
        strip, room = _strip(areas[:n], room)
        places += strip
        areas = areas[n:]
    return places


def _worst(areas: Sequence[float], side: float) -> float:
    """The ratio of the sides of the most oblong rectangle of a strip along that side."""
    total = sum(areas)
    return max(side * side * max(areas) / (total * total), total * total / (side * side * min(areas)))


def _strip(areas: Sequence[float], room: Rectangle) -> tuple[list[Rectangle], Rectangle]:
    """The rectangles of a strip along the shorter side, and the room that is left."""
    total, at = sum(areas), 0.0
    is_upright = room.width >= room.height
    thick = total / (room.height if is_upright else room.width)
    strip = []
    for area in areas:
        long = area / thick
        x, y = (room.x, room.y + at) if is_upright else (room.x + at, room.y)
        w, h = (thick, long) if is_upright else (long, thick)
        strip.append(Rectangle(x=x, y=y, width=w, height=h))
        at += long
    if is_upright:
        return strip, Rectangle(x=room.x + thick, y=room.y, width=max(room.width - thick, 1e-9), height=room.height)
    return strip, Rectangle(x=room.x, y=room.y + thick, width=room.width, height=max(room.height - thick, 1e-9))


def _part(part: Part, place: Rectangle) -> Markup:
    has_room = place.width >= 46 and place.height >= 40
    inside = place.width - 10
    lines = (
        (
            fitted(place.x + 6, place.y + 18, part.name, inside),
            fitted(place.x + 6, place.y + 34, part.line, inside, class_="small"),
        )
        if has_room and extent(part.line, SMALL) <= inside and inside >= 3 * NORMAL
        else ()
    )
    return element(
        "g",
        tip(part.tip),
        element("rect", x=place.x, y=place.y, width=max(place.width - 1, 0.2), height=max(place.height - 1, 0.2)),
        joined(*lines),
        class_=f"h{part.level}",
    )
