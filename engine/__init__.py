"""Order logs in, scored customers out."""

from whalecurve.engine.audit import Audit, audit_orders, refused_rows
from whalecurve.engine.checking import Check, check_orders
from whalecurve.engine.config import Columns, Scoring, Window
from whalecurve.engine.errors import InputError, NotIdentifiedError
from whalecurve.engine.fitting import fit_histories, fit_spend
from whalecurve.engine.orders import Orders, scan_orders
from whalecurve.engine.pipeline import plan_score, score
from whalecurve.engine.results import Fit, Run
from whalecurve.engine.simulate import SimulatedLog, Simulation, simulate
from whalecurve.engine.summary import customer_summary
from whalecurve.engine.validation import validate
from whalecurve.engine.validation_results import Validation

__all__ = [
    "Audit",
    "Check",
    "Columns",
    "Fit",
    "InputError",
    "NotIdentifiedError",
    "Orders",
    "Run",
    "Scoring",
    "SimulatedLog",
    "Simulation",
    "Validation",
    "Window",
    "audit_orders",
    "check_orders",
    "customer_summary",
    "fit_histories",
    "fit_spend",
    "plan_score",
    "refused_rows",
    "scan_orders",
    "score",
    "simulate",
    "validate",
]
