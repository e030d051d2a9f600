"""Groups as rows, with a bar for each of several numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from whalecurve.engine.reporting import NARROW, Markup, element, extent
from whalecurve.engine.reporting.charts.svg import NORMAL, SMALL, fitted, picture, text, tip

BAR, GAP = 16, 12
LABELS = 190.0
"""Room for the names of rows on a wide picture; on a narrow one they stand above their bars."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A number of each row: its title, the numbers (None where there is none), and how each is written.

    scale : panels of one scale can be compared: their bars are as long for equal numbers; "" for a scale of its own
    """

    title: str
    values: Sequence[float | None]
    written: Sequence[str]
    scale: str = ""


def bar_chart(names: Sequence[str], panels: Sequence[Panel], width: int, *, title: str, says: str) -> Markup:
    """A row a group, a column of bars a number; bars of losses go to the left of the column's zero."""
    is_narrow = width <= NARROW
    labels = 0.0 if is_narrow else min(LABELS, 14 + max((extent(name, NORMAL) for name in names), default=0.0))
    step = BAR + GAP + (18 if is_narrow else 0)
    column = (width - labels) / max(len(panels), 1)
    scales = [
        _Scale.of([p for p in panels if p is panel or (p.scale and p.scale == panel.scale)], column - 8)
        for panel in panels
    ]
    parts = [
        fitted(labels + i * column, 14, panel.title, column - 6, class_="small" if is_narrow else "strong")
        for i, panel in enumerate(panels)
    ]
    for i, name in enumerate(names):
        top = 28.0 + i * step
        parts.append(fitted(0, top + 12, name, (width if is_narrow else labels) - 8))
        bar_top = top + (18 if is_narrow else 0)
        for j, (panel, scale) in enumerate(zip(panels, scales, strict=True)):
            parts.append(_bar(name, panel, i, labels + j * column, bar_top, scale))
    return picture(width, 28 + len(names) * step, *parts, title=title, says=says)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    """Pixels by which a bar is longer for each unit, and from the left of its column to the column's zero."""

    factor: float
    zero: float

    @classmethod
    def of(cls, panels: Sequence[Panel], width: float) -> Self:
        """The scale of panels that share one, in columns of a width: their longest bar leaves room for its number."""
        room = max(width - max(extent(words, SMALL) for panel in panels for words in panel.written) - 6, 8.0)
        known = [value for panel in panels for value in panel.values if value is not None]
        low, high = min([0.0, *known]), max([0.0, *known])
        factor = room / (high - low) if high > low else 0.0
        return cls(factor=factor, zero=-low * factor)


def _bar(name: str, panel: Panel, i: int, left: float, top: float, scale: _Scale) -> Markup:
    """One bar and its number."""
    value, zero, factor = panel.values[i], left + scale.zero, scale.factor
    start, length = (zero + min(value, 0.0) * factor, abs(value) * factor) if value is not None else (zero, 0.0)
    beside = max(start + length, zero) + 5
    return element(
        "g",
        tip(f"{name}, {panel.title}: {panel.written[i]}"),
        element("rect", class_="bar" if value is None or value >= 0.0 else "bar loss", x=start, y=top, width=length,
                height=float(BAR)),
        text(beside, top + 12, panel.written[i], class_="small"),
    )  # fmt: skip
