"""Upright bars over groups in an order: a distribution, or what was expected beside what was seen."""

from collections.abc import Sequence
from dataclasses import dataclass

from whalecurve.engine.reporting import Markup, element, extent, joined, short_money
from whalecurve.engine.reporting.charts.svg import NORMAL, SMALL, Axis, Plot, picture, text, ticks, tip

HEIGHT, LEGEND = 300, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Bars of one kind: their name, a number a group, and what is said of each when the pointer rests on it."""

    name: str
    values: Sequence[float]
    tips: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Divider:
    """An upright line before a group, and what begins there."""

    position: float
    words: str


def column_chart(
    labels: Sequence[str],
    series: Sequence[Series],
    width: int,
    *,
    title: str,
    says: str,
    x_title: str,
    dividers: Sequence[Divider] = (),
) -> Markup:
    """A group a label, with a bar of each series."""
    named = list(series) if len(series) > 1 else []
    top = 14.0 + LEGEND * (len(named) + len(dividers))
    highest = max((value for bars in series for value in bars.values), default=0.0)
    marks = ticks(0.0, max(highest, 1.0), 5)
    y = Axis(low=0.0, high=max(highest, 1.0), ticks=marks, label=short_money, title="")
    places = [i + 0.5 for i in range(len(labels))]
    x = Axis(low=0.0, high=float(len(labels)), ticks=places, label=lambda at: labels[int(at)], title=x_title)
    height = HEIGHT + int(top)
    left = 12.0 + max(extent(short_money(mark), NORMAL) for mark in marks)
    plot = Plot(width=width, height=height, x=x, y=y, top=top, left=left, has_uprights=False)
    parts = [_legend(named, left), plot.axes()]
    parts += [_bars(bars, i, len(series), plot) for i, bars in enumerate(series)]
    parts += [_divider(divider, LEGEND * (len(named) + i), plot) for i, divider in enumerate(dividers)]
    return picture(width, height, *parts, title=title, says=says)


def _bars(bars: Series, i: int, n: int, plot: Plot) -> Markup:
    room = plot.at_x(1.0) - plot.at_x(0.0)
    wide = room * 0.8 / n
    return joined(
        *(
            element(
                "g",
                tip(bars.tips[at]),
                element("rect", class_=f"bar b{i}", x=plot.at_x(at) + room * 0.1 + i * wide, y=plot.at_y(value),
                        width=wide * 0.94, height=plot.at_y(0.0) - plot.at_y(value)),
            )
            for at, value in enumerate(bars.values)
        )
    )  # fmt: skip


def _legend(series: Sequence[Series], left: float) -> Markup:
    return joined(
        *(
            joined(
                element("rect", class_=f"bar b{i}", x=left, y=float(4 + LEGEND * i), width=14, height=12),
                text(left + 20, 14 + LEGEND * i, bars.name),
            )
            for i, bars in enumerate(series)
        )
    )


def _divider(divider: Divider, above: float, plot: Plot) -> Markup:
    x, y = plot.at_x(divider.position), 14.0 + above
    is_late = x + extent(divider.words, SMALL) > plot.width
    return joined(
        element("line", class_="divider", x1=x, x2=x, y1=y - 10, y2=plot.at_y(0.0)),
        text(x + (-5 if is_late else 5), y, divider.words, anchor="end" if is_late else None, class_="small"),
    )
