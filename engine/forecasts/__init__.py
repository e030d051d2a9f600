"""Forecasts by fitted models: what a customer will buy, and what that is worth."""

from whalecurve.engine.forecasts.clv import horizon_in_units
from whalecurve.engine.forecasts.levels_of_spend import spend_level
from whalecurve.engine.forecasts.model_fits import Models, fit_models, spend_correlation
from whalecurve.engine.forecasts.next_purchase import waits_if_active
from whalecurve.engine.forecasts.scores import Scores, Summary, summary_in_memory

__all__ = [
    "Models",
    "Scores",
    "Summary",
    "fit_models",
    "horizon_in_units",
    "spend_correlation",
    "spend_level",
    "summary_in_memory",
    "waits_if_active",
]
