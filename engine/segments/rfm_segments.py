"""Stage: R, F and M scores, and what else rules ask for -> RFM segment."""

import polars as pl

from whalecurve.engine.coded_words import labelled
from whalecurve.engine.schemes import Scheme
from whalecurve.engine.segments.conditions import NO_CONDITIONS, SCORES, Conditions, met


def with_rfm_segment(customers: pl.LazyFrame, scheme: Scheme, conditions: Conditions = NO_CONDITIONS) -> pl.LazyFrame:
    """Add rfm_segment, the scheme's name for a customer: of the first rule that takes them; null without scores.

    Parameters
    ----------
    customers
        With r_score, f_score, m_score, and the columns that conditions read.
    scheme
        The scheme.
    conditions
        The conditions of its rules, where any has one.
    """
    if conditions.rules:
        return _by_rules(customers, scheme, conditions)
    names = [segment.name for cell in scheme.cells if (segment := scheme.segment_of(cell)) is not None]
    r, f, m = (pl.col(name).cast(pl.Int16) - 1 for name in ("r_score", "f_score", "m_score"))
    return customers.with_columns(rfm_segment=labelled(names, (r * scheme.bins + f) * scheme.bins + m))


def _by_rules(customers: pl.LazyFrame, scheme: Scheme, conditions: Conditions) -> pl.LazyFrame:
    """Rule by rule; a condition that is null is not met."""
    place = pl.lit(None, dtype=pl.Int16)
    for at, segment in reversed(list(enumerate(scheme.segments))):
        ranges = zip(SCORES.values(), (segment.r, segment.f, segment.m), strict=True)
        tests = [pl.col(score).is_between(low, high) for score, (low, high) in ranges]
        if segment.name in conditions.rules:
            tests.append(pl.col(met(segment.name)))
        place = pl.when(pl.all_horizontal(tests)).then(pl.lit(at, dtype=pl.Int16)).otherwise(place)
    named = labelled([segment.name for segment in scheme.segments], place)
    answered = conditions.answered(customers).with_columns(rfm_segment=named)
    return answered.drop(met(name) for name in conditions.rules)
