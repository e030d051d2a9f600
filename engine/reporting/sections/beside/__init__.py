"""Sections of what was made beside a result: a comparison, an explanation, a backtest, an experiment and so on."""

from whalecurve.engine.reporting.sections.beside.budget import budget_section
from whalecurve.engine.reporting.sections.beside.experiment import experiment_section
from whalecurve.engine.reporting.sections.beside.explanation import explanation_section
from whalecurve.engine.reporting.sections.beside.moves import moves_section
from whalecurve.engine.reporting.sections.beside.newly_acquired import acquisition_section
from whalecurve.engine.reporting.sections.beside.profile import ideal_section
from whalecurve.engine.reporting.sections.beside.supposed import supposed_section
from whalecurve.engine.reporting.sections.beside.validation import validation_section

__all__ = [
    "acquisition_section",
    "budget_section",
    "experiment_section",
    "explanation_section",
    "ideal_section",
    "moves_section",
    "supposed_section",
    "validation_section",
]
