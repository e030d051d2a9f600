"""What a log can carry, tried on a holdout: which models, which risk horizon, what tells the next purchase."""

from whalecurve.engine.selection.churn_risk import FOLLOWED, Risk, risk_horizon, tested
from whalecurve.engine.selection.group_trial import GroupTrial, groups_tried
from whalecurve.engine.selection.held_out_quarter import LastQuarter, last_quarter
from whalecurve.engine.selection.holdout import End, Holdout, earlier, end_of, held_out, refitted
from whalecurve.engine.selection.next_purchase_basis import NextPurchase, chosen_basis
from whalecurve.engine.selection.purchase_model import Selection, choose_model
from whalecurve.engine.selection.recalibration import Recalibration, held_against, learnt, mapped, recalibration_of
from whalecurve.engine.selection.recalibration import known as known_in
from whalecurve.engine.selection.reliability import Reliability
from whalecurve.engine.selection.spend_model import SpendSelection, choose_spend

__all__ = [
    "FOLLOWED",
    "End",
    "GroupTrial",
    "Holdout",
    "LastQuarter",
    "NextPurchase",
    "Recalibration",
    "Reliability",
    "Risk",
    "Selection",
    "SpendSelection",
    "choose_model",
    "choose_spend",
    "chosen_basis",
    "earlier",
    "end_of",
    "groups_tried",
    "held_against",
    "held_out",
    "known_in",
    "last_quarter",
    "learnt",
    "mapped",
    "recalibration_of",
    "refitted",
    "risk_horizon",
    "tested",
]
