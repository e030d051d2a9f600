"""What a log can carry, tried on a holdout: which models, which risk horizon, what tells the next purchase."""

from whalecurve.engine.selection.churn_risk import FOLLOWED, Risk, risk_horizon, tested
from whalecurve.engine.selection.held_out_quarter import LastQuarter, last_quarter
from whalecurve.engine.selection.holdout import Holdout, held_out
from whalecurve.engine.selection.next_purchase_basis import NextPurchase, chosen_basis
from whalecurve.engine.selection.purchase_model import Selection, choose_model
from whalecurve.engine.selection.reliability import Reliability
from whalecurve.engine.selection.spend_model import SpendSelection, choose_spend

__all__ = [
    "FOLLOWED",
    "Holdout",
    "LastQuarter",
    "NextPurchase",
    "Reliability",
    "Risk",
    "Selection",
    "SpendSelection",
    "choose_model",
    "choose_spend",
    "chosen_basis",
    "held_out",
    "last_quarter",
    "risk_horizon",
    "tested",
]
