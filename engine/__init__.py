"""Order logs in, scored customers out."""

from whalecurve.engine.audit import Audit, audit_orders, refused_rows
from whalecurve.engine.config import Columns, Scoring, Window
from whalecurve.engine.errors import InputError, NotIdentifiedError
from whalecurve.engine.fitting import fit_histories, fit_spend
from whalecurve.engine.orders import Orders, scan_orders
from whalecurve.engine.pipeline import score
from whalecurve.engine.results import Fit, Run
from whalecurve.engine.summary import customer_summary

__all__ = [
    "Audit",
    "Columns",
    "Fit",
    "InputError",
    "NotIdentifiedError",
    "Orders",
    "Run",
    "Scoring",
    "Window",
    "audit_orders",
    "customer_summary",
    "fit_histories",
    "fit_spend",
    "refused_rows",
    "scan_orders",
    "score",
]
