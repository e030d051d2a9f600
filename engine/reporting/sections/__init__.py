"""The sections of a report, each a function of the facts; None where there is nothing to say."""

from collections.abc import Callable

from whalecurve.engine.reporting import Facts, Section
from whalecurve.engine.reporting.sections.actions import actions_section
from whalecurve.engine.reporting.sections.beside import (
    acquisition_section,
    budget_section,
    experiment_section,
    explanation_section,
    ideal_section,
    moves_section,
    supposed_section,
    validation_section,
)
from whalecurve.engine.reporting.sections.clv import clv_section
from whalecurve.engine.reporting.sections.concentration import concentration_section
from whalecurve.engine.reporting.sections.customers import customers_section
from whalecurve.engine.reporting.sections.method import method_section
from whalecurve.engine.reporting.sections.reliability import reliability_section
from whalecurve.engine.reporting.sections.returning import returning_section
from whalecurve.engine.reporting.sections.rfm import rfm_section
from whalecurve.engine.reporting.sections.risk import risk_section
from whalecurve.engine.reporting.sections.segments import segments_section
from whalecurve.engine.reporting.sections.whale_curve import whale_curve_section
from whalecurve.engine.reporting.sections.worth import worth_section

SECTIONS: tuple[Callable[[Facts], Section | None], ...] = (
    worth_section,
    whale_curve_section,
    concentration_section,
    segments_section,
    rfm_section,
    risk_section,
    clv_section,
    returning_section,
    moves_section,
    explanation_section,
    ideal_section,
    experiment_section,
    acquisition_section,
    supposed_section,
    budget_section,
    reliability_section,
    validation_section,
    actions_section,
    customers_section,
    method_section,
)
"""In the order of the page."""


def sections_of(facts: Facts) -> list[Section]:
    """All sections that there is something to say in."""
    return [section for make in SECTIONS if (section := make(facts)) is not None]


__all__ = ["sections_of"]
