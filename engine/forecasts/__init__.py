"""Forecasts by fitted models: what a customer will buy, and what that is worth."""

from whalecurve.engine.forecasts.clv import Schedule, horizon_in_units, schedule
from whalecurve.engine.forecasts.infinite_horizon import dert_if_active, dert_of_newcomer, rate_of
from whalecurve.engine.forecasts.intervals import STEP
from whalecurve.engine.forecasts.levels_of_spend import spend_level
from whalecurve.engine.forecasts.model_fits import Models, fit_models, season_clock, spend_correlation
from whalecurve.engine.forecasts.next_purchase import waits_if_active
from whalecurve.engine.forecasts.own_parameters import nudged, with_own_purchases
from whalecurve.engine.forecasts.scores import MODEL_P, Scores, Summary, summary_in_memory

__all__ = [
    "MODEL_P",
    "STEP",
    "Models",
    "Schedule",
    "Scores",
    "Summary",
    "dert_if_active",
    "dert_of_newcomer",
    "fit_models",
    "horizon_in_units",
    "nudged",
    "rate_of",
    "schedule",
    "season_clock",
    "spend_correlation",
    "spend_level",
    "summary_in_memory",
    "waits_if_active",
    "with_own_purchases",
]
