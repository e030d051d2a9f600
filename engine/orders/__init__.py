"""Order logs: files, mapping, what is read and what is refused."""

from whalecurve.engine.orders.audit import (
    REFUSED_ROWS_KEPT,
    Audit,
    audit_of,
    audit_orders,
    refuse_too_many,
    refused_rows,
    turnover_is_safe,
)
from whalecurve.engine.orders.column_types import common_types
from whalecurve.engine.orders.currencies import currencies_in_footers
from whalecurve.engine.orders.customer_file import MOST_LEVELS, CustomerFile, open_customer_file
from whalecurve.engine.orders.days import END_OF_CALENDAR, day_at, day_bounds, day_number, day_of, in_window
from whalecurve.engine.orders.failures import failures_named
from whalecurve.engine.orders.files import Paths, find_files
from whalecurve.engine.orders.first_order import first_orders
from whalecurve.engine.orders.footers import OrderFile
from whalecurve.engine.orders.lines import checked, checked_lines, observed_lines
from whalecurve.engine.orders.log import Orders, dimension_column, reordered, rows_read, scan_orders, value_column
from whalecurve.engine.orders.mapping import Role, each_once
from whalecurve.engine.orders.nobody import is_blank, named_nobody
from whalecurve.engine.orders.page_checksums import verify_pages
from whalecurve.engine.orders.periods import forecast_start, last_complete, period_ends, period_number, period_of
from whalecurve.engine.orders.placeholders import CustomerLines
from whalecurve.engine.orders.reading import CAP, Reading, as_text, passes_for, reading_of
from whalecurve.engine.orders.shares import EVERYBODY, Share, shares_of

__all__ = [
    "CAP",
    "END_OF_CALENDAR",
    "EVERYBODY",
    "MOST_LEVELS",
    "REFUSED_ROWS_KEPT",
    "Audit",
    "CustomerFile",
    "CustomerLines",
    "OrderFile",
    "Orders",
    "Paths",
    "Reading",
    "Role",
    "Share",
    "as_text",
    "audit_of",
    "audit_orders",
    "checked",
    "checked_lines",
    "common_types",
    "currencies_in_footers",
    "day_at",
    "day_bounds",
    "day_number",
    "day_of",
    "dimension_column",
    "each_once",
    "failures_named",
    "find_files",
    "first_orders",
    "forecast_start",
    "in_window",
    "is_blank",
    "last_complete",
    "named_nobody",
    "observed_lines",
    "open_customer_file",
    "passes_for",
    "period_ends",
    "period_number",
    "period_of",
    "reading_of",
    "refuse_too_many",
    "refused_rows",
    "reordered",
    "rows_read",
    "scan_orders",
    "shares_of",
    "turnover_is_safe",
    "value_column",
    "verify_pages",
]
