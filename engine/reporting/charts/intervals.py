"""Estimates as points with their intervals, one a row, around the line of no effect."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from whalecurve.engine.reporting import NARROW, Markup, element, extent, joined
from whalecurve.engine.reporting.charts.svg import NORMAL, Axis, fitted, picture, text, tip

ROW, ABOVE = 26, 18
"""Height of a row; what a name above its row takes on a narrow picture."""

LABELS, BOTTOM, RIGHT = 190.0, 42.0, 14.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimate: its name, the interval around it, and how it is written; None where there is none."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    written: str


def interval_chart(rows: Sequence[Interval], x: Axis, width: int, *, title: str, says: str) -> Markup:
    """A row an estimate. What lies beyond the ends of the axis is cut there."""
    is_narrow = width <= NARROW
    left = 8.0 if is_narrow else min(LABELS, 14 + max((extent(row.name, NORMAL) for row in rows), default=0.0))
    step = ROW + (ABOVE if is_narrow else 0)
    height = len(rows) * step + BOTTOM

    def at(value: float) -> float:
        share = (min(max(value, x.low), x.high) - x.low) / (x.high - x.low)
        return left + share * (width - left - RIGHT)

    parts = [_axis(x, at, width, height)]
    for i, row in enumerate(rows):
        middle = i * step + (ABOVE if is_narrow else 0) + ROW / 2
        name_y = middle - ROW / 2 - 4 if is_narrow else middle + 4
        parts.append(fitted(0, name_y, row.name, (width if is_narrow else left) - 8))
        parts.append(_estimate(row, at, middle))
    return picture(width, height, *parts, title=title, says=says)


def _axis(x: Axis, at: Callable[[float], float], width: int, height: float) -> Markup:
    bottom = height - BOTTOM
    labels = [(tick, x.label(tick)) for tick in x.ticks]
    room = (at(x.high) - at(x.low)) / max(len(labels), 1)
    every = max(1, -(-int(max((extent(words, NORMAL) for _, words in labels), default=0.0) + 8) // max(int(room), 1)))
    lines = [
        element("line", class_="zero" if tick == 0.0 else "grid", x1=at(tick), x2=at(tick), y1=0.0, y2=bottom)
        for tick, _ in labels
    ]
    words = [
        text(at(tick), bottom + 17, label, anchor="middle", class_="quiet")
        for tick, label in labels[::every]
        if extent(label, NORMAL) / 2 <= min(at(tick), width - at(tick))
    ]
    title = text((at(x.low) + at(x.high)) / 2, height - 6, x.title, anchor="middle", class_="quiet")
    return joined(*lines, *words, title)


def _estimate(row: Interval, at: Callable[[float], float], middle: float) -> Markup:
    if row.value is None or row.low is None or row.high is None:
        return joined()
    return element(
        "g",
        tip(f"{row.name}: {row.written}"),
        element("line", class_="curve c0", x1=at(row.low), x2=at(row.high), y1=middle, y2=middle),
        element("circle", class_="mark", cx=at(row.value), cy=middle, r=4.5),
    )
