"""What order lines hold: lines used and refused, with reasons, and what is suspect."""

from whalecurve.engine.audit.audit import (
    REFUSED_ROWS_KEPT,
    Audit,
    audit_of,
    audit_orders,
    refuse_too_many,
    refused_rows,
    turnover_is_safe,
)
from whalecurve.engine.audit.currencies import currencies_in_footers
from whalecurve.engine.audit.placeholders import CustomerLines

__all__ = [
    "REFUSED_ROWS_KEPT",
    "Audit",
    "CustomerLines",
    "audit_of",
    "audit_orders",
    "currencies_in_footers",
    "refuse_too_many",
    "refused_rows",
    "turnover_is_safe",
]
