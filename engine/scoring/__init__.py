"""The jobs that score every customer: `score`, and `measure` over time."""

from whalecurve.engine.scoring.churn_risk import risk_horizon
from whalecurve.engine.scoring.held_out_quarter import last_quarter
from whalecurve.engine.scoring.job import Job, open_job
from whalecurve.engine.scoring.records import definitions
from whalecurve.engine.scoring.spend_selection import SpendSelection, choose_spend

__all__ = ["Job", "SpendSelection", "choose_spend", "definitions", "last_quarter", "open_job", "risk_horizon"]
