"""A result as a page to be read: what is in it, and what it is written with."""

from whalecurve.engine.reporting.beside import Beside, Breakdown
from whalecurve.engine.reporting.blocks import (
    NARROW,
    WIDE,
    Action,
    Block,
    Chart,
    Column,
    Figure,
    Heading,
    Section,
    Table,
    Tiles,
    Value,
)
from whalecurve.engine.reporting.facts import Facts
from whalecurve.engine.reporting.markup import Markup, coordinate, element, joined
from whalecurve.engine.reporting.pictures import Plots
from whalecurve.engine.reporting.results import Report
from whalecurve.engine.reporting.words import (
    UNKNOWN,
    count,
    cut,
    days,
    extent,
    is_are,
    listed,
    money,
    number,
    percent,
    plainly,
    short_money,
)

__all__ = [
    "NARROW",
    "UNKNOWN",
    "WIDE",
    "Action",
    "Beside",
    "Block",
    "Breakdown",
    "Chart",
    "Column",
    "Facts",
    "Figure",
    "Heading",
    "Markup",
    "Plots",
    "Report",
    "Section",
    "Table",
    "Tiles",
    "Value",
    "coordinate",
    "count",
    "cut",
    "days",
    "element",
    "extent",
    "is_are",
    "joined",
    "listed",
    "money",
    "number",
    "percent",
    "plainly",
    "short_money",
]
