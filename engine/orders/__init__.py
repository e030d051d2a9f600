"""Order lines: files mapped to roles, checked line by line."""

from whalecurve.engine.orders.days import END_OF_CALENDAR, day_at, day_bounds, day_number, day_of, in_window
from whalecurve.engine.orders.first_order import first_order_lines, first_orders, value_of_first_order
from whalecurve.engine.orders.line_checks import CODE, REFUSALS, checked, checked_lines, observed_lines
from whalecurve.engine.orders.lines_by_share import CAP, Money, Reading, as_text, reading_of
from whalecurve.engine.orders.log import (
    FILE,
    ROW,
    Orders,
    dimension_column,
    rows_read,
    rows_with,
    value_column,
)
from whalecurve.engine.orders.nobody import named_nobody
from whalecurve.engine.orders.opening import reordered, scan_orders
from whalecurve.engine.orders.periods import forecast_start, last_complete, period_ends, period_number, period_of
from whalecurve.engine.orders.read_failures import FAILURES, failures_named
from whalecurve.engine.orders.scored_log import scored_columns, scored_files

__all__ = [
    "CAP",
    "CODE",
    "END_OF_CALENDAR",
    "FAILURES",
    "FILE",
    "REFUSALS",
    "ROW",
    "Money",
    "Orders",
    "Reading",
    "as_text",
    "checked",
    "checked_lines",
    "day_at",
    "day_bounds",
    "day_number",
    "day_of",
    "dimension_column",
    "failures_named",
    "first_order_lines",
    "first_orders",
    "forecast_start",
    "in_window",
    "last_complete",
    "named_nobody",
    "observed_lines",
    "period_ends",
    "period_number",
    "period_of",
    "reading_of",
    "reordered",
    "rows_read",
    "rows_with",
    "scan_orders",
    "scored_columns",
    "scored_files",
    "value_column",
    "value_of_first_order",
]
