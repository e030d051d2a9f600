"""Measures over time: retention, repeat purchases, gaps, cohorts, stickiness of new customers."""

from whalecurve.engine.measures.first_order import ByFirstOrder, stickiness_by
from whalecurve.engine.measures.groups import Key
from whalecurve.engine.measures.measures import Measures, MeasureSettings, measures_of
from whalecurve.engine.measures.membership import Membership
from whalecurve.engine.measures.settings import ALL

__all__ = ["ALL", "ByFirstOrder", "Key", "MeasureSettings", "Measures", "Membership", "measures_of", "stickiness_by"]
