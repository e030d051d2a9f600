"""What charts are drawn with: the picture and its text for those who do not see it, axes, ticks, text that fits."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from whalecurve.engine.reporting import Markup, cut, element, extent, joined

NORMAL, SMALL, TINY = 12.5, 11.5, 10.5
"""Sizes of text, as the style has them."""

LEVELS = 9
"""Shades of a scale; the style has their colours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """An axis: its ends, where ticks are, how a tick is labelled, and what it measures."""

    low: float
    high: float
    ticks: Sequence[float]
    label: Callable[[float], str]
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """An area with two axes, within a picture of `width` and `height`.

    has_uprights : whether there is a grid line at each tick of x
    """

    width: int
    height: int
    x: Axis
    y: Axis
    left: float = 52.0
    right: float = 26.0
    top: float = 10.0
    bottom: float = 42.0
    has_uprights: bool = True

    def at_x(self, value: float) -> float:
        """Where a value lies on the axis of x."""
        return self.left + _part(value, self.x) * (self.width - self.left - self.right)

    def at_y(self, value: float) -> float:
        """Where a value lies on the axis of y."""
        return self.height - self.bottom - _part(value, self.y) * (self.height - self.top - self.bottom)

    def axes(self) -> Markup:
        """Grid lines with their labels, and the titles of the axes."""
        low, high = self.at_y(self.y.low), self.at_y(self.y.high)
        across, along = self.at_x(self.x.low), self.at_x(self.x.high)
        parts = []
        for tick in self.y.ticks:
            y = self.at_y(tick)
            zero = "zero" if tick == 0.0 else "grid"
            parts.append(element("line", class_=zero, x1=across, x2=along, y1=y, y2=y))
            parts.append(text(across - 6, y + 4, self.y.label(tick), anchor="end", class_="quiet"))
        for tick, words in self._labels_that_fit():
            x = self.at_x(tick)
            if self.has_uprights:
                parts.append(element("line", class_="grid", x1=x, x2=x, y1=low, y2=high))
            parts.append(text(x, low + 17, words, anchor="middle", class_="quiet"))
        parts.append(text((across + along) / 2, self.height - 6, self.x.title, anchor="middle", class_="quiet"))
        return joined(*parts)

    def _labels_that_fit(self) -> list[tuple[float, str]]:
        """The ticks of x; every second, third ... of them where their labels would run into one another."""
        labels = [(tick, self.x.label(tick)) for tick in self.x.ticks]
        room = (self.width - self.left - self.right) / max(len(labels), 1)
        needed = max((extent(words, NORMAL) for _, words in labels), default=0.0) + 8
        return labels[:: max(math.ceil(needed / room), 1)]


def _part(value: float, axis: Axis) -> float:
    return (value - axis.low) / (axis.high - axis.low) if axis.high > axis.low else 0.5


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers from `low` to `high`: the most there may be, at steps of 1, 2 or 5 times a power of ten."""
    if not high > low:
        return [low]
    least = (high - low) / max(most - 1, 1)
    power = 10.0 ** math.floor(math.log10(least))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def picture(width: int, height: float, *children: str, title: str, says: str) -> Markup:
    """A whole chart: an image to assistive technology, with its title and what it says as text."""
    return element(
        "svg", *children, xmlns="http://www.w3.org/2000/svg", class_="chart",
        viewBox=f"0 0 {width} {math.ceil(height)}", role="img", aria_label=f"{title}. {says}",
    )  # fmt: skip


def text(x: float, y: float, words: str, *, anchor: str | None = None, class_: str | None = None) -> Markup:
    """A line of text that begins, is centred or ends at x."""
    return element("text", words, x=float(x), y=float(y), text_anchor=anchor, class_=class_)


def fitted(x: float, y: float, words: str, width: float, *, class_: str | None = None) -> Markup:
    """A line of text, cut where it is wider than so many pixels."""
    return text(x, y, cut(words, width, SMALL if class_ == "small" else NORMAL), class_=class_)


def tip(words: str) -> Markup:
    """What is shown when the pointer rests on what this is in."""
    return element("title", words)


def level(share: float | None) -> int:
    """The shade of a number between 0 and 1, of `LEVELS`."""
    return 0 if share is None else min(max(int(share * LEVELS), 0), LEVELS - 1)
