"""Charts as SVG, each a function of plain numbers and the width of the picture."""

from whalecurve.engine.reporting.charts.bars import Panel, bar_chart
from whalecurve.engine.reporting.charts.columns import Divider, Series, column_chart
from whalecurve.engine.reporting.charts.heat_map import Cell, heat_map_chart
from whalecurve.engine.reporting.charts.intervals import Interval, interval_chart
from whalecurve.engine.reporting.charts.lines import Line, Mark, line_chart
from whalecurve.engine.reporting.charts.svg import LEVELS, Axis, level, ticks
from whalecurve.engine.reporting.charts.treemap import Part, treemap_chart

__all__ = [
    "LEVELS",
    "Axis",
    "Cell",
    "Divider",
    "Interval",
    "Line",
    "Mark",
    "Panel",
    "Part",
    "Series",
    "bar_chart",
    "column_chart",
    "heat_map_chart",
    "interval_chart",
    "level",
    "line_chart",
    "ticks",
    "treemap_chart",
]
