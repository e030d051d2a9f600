"""Order logs in, scored customers out."""

from whalecurve.engine.comparison.compare import compare
from whalecurve.engine.comparison.results import Movement
from whalecurve.engine.concentration.concentrate import concentrate
from whalecurve.engine.concentration.results import Breakdown, Concentrated
from whalecurve.engine.errors import InputError, NotIdentifiedError
from whalecurve.engine.explanation.explain import explain
from whalecurve.engine.explanation.results import Explained
from whalecurve.engine.explanation.settings import Explaining
from whalecurve.engine.ledger.summary import customer_summary
from whalecurve.engine.models.fit import Fit, Run
from whalecurve.engine.models.fitting import fit_histories, fit_spend
from whalecurve.engine.orders.audit import Audit, audit_orders, refused_rows
from whalecurve.engine.orders.check import Check, check_orders
from whalecurve.engine.orders.log import Orders, scan_orders
from whalecurve.engine.profiling.profile import profile
from whalecurve.engine.profiling.results import Profiled
from whalecurve.engine.profiling.settings import Profiling, Seeding
from whalecurve.engine.publication.read import Result, open_result
from whalecurve.engine.scoring.measure import Measured, measure
from whalecurve.engine.scoring.old_run import OldRun, open_old_run
from whalecurve.engine.scoring.score import plan_score, score
from whalecurve.engine.settings import Columns, Scoring, Window
from whalecurve.engine.simulation.simulate import SimulatedLog, Simulation, simulate
from whalecurve.engine.validation.results import Validation
from whalecurve.engine.validation.validate import validate

__all__ = [
    "Audit",
    "Breakdown",
    "Check",
    "Columns",
    "Concentrated",
    "Explained",
    "Explaining",
    "Fit",
    "InputError",
    "Measured",
    "Movement",
    "NotIdentifiedError",
    "OldRun",
    "Orders",
    "Profiled",
    "Profiling",
    "Result",
    "Run",
    "Scoring",
    "Seeding",
    "SimulatedLog",
    "Simulation",
    "Validation",
    "Window",
    "audit_orders",
    "check_orders",
    "compare",
    "concentrate",
    "customer_summary",
    "explain",
    "fit_histories",
    "fit_spend",
    "measure",
    "open_old_run",
    "open_result",
    "plan_score",
    "profile",
    "refused_rows",
    "scan_orders",
    "score",
    "simulate",
    "validate",
]
