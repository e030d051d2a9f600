"""Curves over two axes, told apart by dashes as well as by colour, with points that are named."""

from collections.abc import Sequence
from dataclasses import dataclass

from whalecurve.engine.reporting import Markup, coordinate, element, extent, joined
from whalecurve.engine.reporting.charts.svg import NORMAL, Axis, Plot, picture, text, tip

HEIGHT, LEGEND = 340, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A curve: its name, and its points from left to right."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A point that is named, on the side of it where there is room."""

    x: float
    y: float
    words: str
    is_left: bool = False
    is_below: bool = True


def line_chart(
    lines: Sequence[Line], x: Axis, y: Axis, width: int, *, title: str, says: str, marks: Sequence[Mark] = ()
) -> Markup:
    """Curves, with a legend where there are several."""
    named = list(lines) if len(lines) > 1 else []
    top = 10.0 + LEGEND * len(named)
    left = 12.0 + max((extent(y.label(tick), NORMAL) for tick in y.ticks), default=0.0)
    height = HEIGHT + LEGEND * len(named)
    plot = Plot(width=width, height=height, x=x, y=y, top=top, left=left)
    parts = [_legend(named, left), plot.axes(), *(_curve(line, i, plot) for i, line in enumerate(lines))]
    parts += [_mark(mark, plot) for mark in marks]
    parts.append(_cursor(plot))
    return picture(width, height, *parts, title=title, says=says)


def _curve(line: Line, i: int, plot: Plot) -> Markup:
    path = "L".join(f"{coordinate(plot.at_x(a))} {coordinate(plot.at_y(b))}" for a, b in line.points)
    return element("g", tip(line.name), element("path", class_=f"curve c{i}", d=f"M{path}")) if path else joined()


def _legend(lines: Sequence[Line], left: float) -> Markup:
    entries = []
    for i, line in enumerate(lines):
        y = 6.0 + LEGEND * i + LEGEND / 2
        entries.append(element("path", class_=f"curve c{i}", d=f"M{coordinate(left)} {coordinate(y - 4)}h28"))
        entries.append(text(left + 36, y, line.name))
    return joined(*entries)


def _mark(mark: Mark, plot: Plot) -> Markup:
    x, y = plot.at_x(mark.x), plot.at_y(mark.y)
    aside, anchor = (-8, "end") if mark.is_left else (8, "start")
    words = text(x + aside, y + (18 if mark.is_below else -10), mark.words, anchor=anchor, class_="tag")
    return joined(element("circle", class_="mark", cx=x, cy=y, r=4), words)


def _cursor(plot: Plot) -> Markup:
    """What the page's script moves along the first curve; it says where the plot is, and what its axes span."""
    y1, y2 = plot.at_y(plot.y.low), plot.at_y(plot.y.high)
    return element(
        "g",
        element("line", class_="zero", x1=0, x2=0, y1=y1, y2=y2),
        element("circle", class_="mark", cx=0, cy=0, r=5),
        class_="cursor", visibility="hidden", data_left=plot.at_x(plot.x.low), data_right=plot.at_x(plot.x.high),
        data_bottom=y1, data_top=y2, data_low=repr(float(plot.y.low)), data_high=repr(float(plot.y.high)),
    )  # fmt: skip
