"""Which files an order log is made of, and what their footers say."""

from whalecurve.engine.files.column_types import agreed_types, common_types, plain_values
from whalecurve.engine.files.customer_file import MOST_LEVELS, CustomerFile, open_customer_file
from whalecurve.engine.files.files import SUFFIXES, Paths, find_all, find_files, named, scan_file, scan_odd
from whalecurve.engine.files.footers import UNREADABLE, OrderFile, scan_url
from whalecurve.engine.files.page_checksums import verify_pages

__all__ = [
    "MOST_LEVELS",
    "SUFFIXES",
    "UNREADABLE",
    "CustomerFile",
    "OrderFile",
    "Paths",
    "agreed_types",
    "common_types",
    "find_all",
    "find_files",
    "named",
    "open_customer_file",
    "plain_values",
    "scan_file",
    "scan_odd",
    "scan_url",
    "verify_pages",
]
