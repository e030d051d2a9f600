"""Fitted models to what a customer is worth."""

from whalecurve.engine.forecasts.clv import prospects, schedule, with_purchases
from whalecurve.engine.forecasts.fitted import Models, fit_evidence, fit_models, spend_correlation, with_models
from whalecurve.engine.forecasts.scores import Scores

__all__ = [
    "Models",
    "Scores",
    "fit_evidence",
    "fit_models",
    "prospects",
    "schedule",
    "spend_correlation",
    "with_models",
    "with_purchases",
]
