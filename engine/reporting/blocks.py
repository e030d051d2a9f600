"""What sections of a report are made of: sentences, tables, charts. Plain values; the page turns them into markup."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from whalecurve.engine.reporting import words
from whalecurve.engine.reporting.markup import Markup

WIDE, NARROW = 760, 320
"""Widths at which every chart is drawn: for a screen or a sheet of paper, and for a phone."""

Kind = Literal["text", "count", "money", "share", "days", "number", "precise"]
Value = str | int | float | None

SHOWN: dict[Kind, Callable[..., str]] = {
    "count": words.count,
    "money": words.money,
    "share": words.percent,
    "days": words.days,
    "number": words.number,
    "precise": partial(words.number, decimals=4),
}
"""How the values of a column are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table: its title, what its values are, and the values, None where there is none."""

    title: str
    kind: Kind = "text"
    values: Sequence[Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Columns of equal length; the first one has the names of the rows."""

    caption: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart: draws itself at a width.

    name : of its file, and unique in a report
    title : what it shows
    says : what a reader sees in it, in whole sentences; the text for those who do not see it
    draw : width in pixels -> SVG element
    """

    name: str
    title: str
    says: str
    draw: Callable[[int], Markup]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A chart with the table of its numbers, and a note on how it is read.

    cursor : what moves along the curve, if a reader may read it off point by point: the name of the curve's rows
    """

    chart: Chart
    table: Table
    note: str = ""
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiles:
    """Headline numbers: what they are of, the number, and what it is seen beside."""

    entries: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something to do with a group of customers: who they are in numbers, what to do, the command that lists them."""

    title: str
    facts: str
    advice: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A title within a section."""

    title: str


Block = str | Heading | Table | Figure | Tiles | Action
"""A string is a paragraph."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section: the name that links go to, a title, and its blocks in order."""

    name: str
    title: str
    blocks: list[Block] = field(default_factory=list)

    @property
    def charts(self) -> list[Chart]:
        """The charts in it."""
        return [block.chart for block in self.blocks if isinstance(block, Figure)]
