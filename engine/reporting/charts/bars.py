"""Groups as rows, with a bar for each of several numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from whalecurve.engine.reporting import NARROW, Markup, element, extent
from whalecurve.engine.reporting.charts.svg import NORMAL, SMALL, fitted, picture, text, tip

BAR, GAP = 16, 12
LABELS = 190.0
"""Room for the names of rows on a wide picture; on a narrow one they stand above their bars."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A number of each row: its title, the numbers (None where there is none), and how each is written."""

    title: str
    values: Sequence[float | None]
    written: Sequence[str]


def bar_chart(names: Sequence[str], panels: Sequence[Panel], width: int, *, title: str, says: str) -> Markup:
    """A row a group, a column of bars a number; bars of losses go to the left of the column's zero."""
    is_narrow = width <= NARROW
    labels = 0.0 if is_narrow else min(LABELS, 14 + max((extent(name, NORMAL) for name in names), default=0.0))
    step = BAR + GAP + (18 if is_narrow else 0)
    column = (width - labels) / max(len(panels), 1)
    parts = [
        fitted(labels + i * column, 14, panel.title, column - 6, class_="small" if is_narrow else "strong")
        for i, panel in enumerate(panels)
    ]
    for i, name in enumerate(names):
        top = 28.0 + i * step
        parts.append(fitted(0, top + 12, name, (width if is_narrow else labels) - 8))
        bar_top = top + (18 if is_narrow else 0)
        for j, panel in enumerate(panels):
            parts.append(_bar(name, panel, i, labels + j * column, bar_top, column - 8))
    return picture(width, 28 + len(names) * step, *parts, title=title, says=says)


def _bar(name: str, panel: Panel, i: int, left: float, top: float, width: float) -> Markup:
    """One bar and its number; the longest one of the panel leaves room for its number."""
    room = max(width - max(extent(words, SMALL) for words in panel.written) - 6, 8.0)
    known = [value for value in panel.values if value is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    scale = room / (high - low) if high > low else 0.0
    value = panel.values[i]
    zero = left - low * scale
    start, length = (zero + min(value, 0.0) * scale, abs(value) * scale) if value is not None else (zero, 0.0)
    beside = max(start + length, zero) + 5
    return element(
        "g",
        tip(f"{name}, {panel.title}: {panel.written[i]}"),
        element("rect", class_="bar" if value is None or value >= 0.0 else "bar loss", x=start, y=top, width=length,
                height=float(BAR)),
        text(beside, top + 12, panel.written[i], class_="small"),
    )  # fmt: skip
