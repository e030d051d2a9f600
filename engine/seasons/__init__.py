"""Seasons: factors on the rate of purchases, estimated or given, and the clock in which models hold under them."""

from whalecurve.engine.seasons.calendar_file import read_calendar
from whalecurve.engine.seasons.choice import KEYWORDS, SeasonChoice, chosen_season, season_before
from whalecurve.engine.seasons.clock import Clock
from whalecurve.engine.seasons.estimate import LEAST_DAYS, Estimate, estimate_season, expected_by_day
from whalecurve.engine.seasons.purchase_days import PurchaseDays, operational
from whalecurve.engine.seasons.season import Season, Span
from whalecurve.engine.seasons.trial import Trial, tried

__all__ = [
    "KEYWORDS",
    "LEAST_DAYS",
    "Clock",
    "Estimate",
    "PurchaseDays",
    "Season",
    "SeasonChoice",
    "Span",
    "Trial",
    "chosen_season",
    "estimate_season",
    "expected_by_day",
    "operational",
    "read_calendar",
    "season_before",
    "tried",
]
