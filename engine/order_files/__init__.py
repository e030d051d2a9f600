"""Which files an order log is made of, what each says of itself, and its rows."""

from whalecurve.engine.order_files.column_types import agreed_types, common_types, plain_values
from whalecurve.engine.order_files.customer_file import MOST_LEVELS, CustomerFile, open_customer_file
from whalecurve.engine.order_files.files import (
    Paths,
    count_rows,
    find_all,
    find_files,
    named,
    scan_alike,
    scan_file,
    scan_odd,
    scan_text,
    scan_unpruned,
)
from whalecurve.engine.order_files.footers import UNREADABLE, OrderFile, scan_url
from whalecurve.engine.order_files.frames import is_frame
from whalecurve.engine.order_files.names import column_names, free_name
from whalecurve.engine.order_files.objects import refuse_replaced
from whalecurve.engine.order_files.page_checksums import verify_pages
from whalecurve.engine.order_files.patterns import matching
from whalecurve.engine.order_files.queries import Query
from whalecurve.engine.order_files.sizes import sizes_in_words, sizes_of
from whalecurve.engine.order_files.text_types import typed_for

__all__ = [
    "MOST_LEVELS",
    "UNREADABLE",
    "CustomerFile",
    "OrderFile",
    "Paths",
    "Query",
    "agreed_types",
    "column_names",
    "common_types",
    "count_rows",
    "find_all",
    "find_files",
    "free_name",
    "is_frame",
    "matching",
    "named",
    "open_customer_file",
    "plain_values",
    "refuse_replaced",
    "scan_alike",
    "scan_file",
    "scan_odd",
    "scan_text",
    "scan_unpruned",
    "scan_url",
    "sizes_in_words",
    "sizes_of",
    "typed_for",
    "verify_pages",
]
