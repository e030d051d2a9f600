"""Customer totals, version 1: what other engines hand over in the place of order lines, one row a customer."""

from whalecurve.engine.customer_totals.contract import VERSION
from whalecurve.engine.customer_totals.given import open_totals, read_given

__all__ = ["VERSION", "open_totals", "read_given"]
