"""Order lines to one row of exact totals a customer."""

from whalecurve.engine.ledger.day_log import Logged
from whalecurve.engine.ledger.one_pass import read_totals
from whalecurve.engine.ledger.order_free import customer_days
from whalecurve.engine.ledger.part import use_every_kernel
from whalecurve.engine.ledger.sorted_runs import HELPERS
from whalecurve.engine.ledger.summary import collect_summary, summary_of
from whalecurve.engine.ledger.totals import Totals

__all__ = [
    "HELPERS",
    "Logged",
    "Totals",
    "collect_summary",
    "customer_days",
    "read_totals",
    "summary_of",
    "use_every_kernel",
]
