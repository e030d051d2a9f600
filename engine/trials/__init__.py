"""An experiment under way: its plan, its customers in arms and strata, and what they did, in exact sums."""

from whalecurve.engine.trials.arms import arms_table
from whalecurve.engine.trials.cohort import CLV, Cohort, Compared, cohort_of, is_money
from whalecurve.engine.trials.outcome_sums import DISCOUNT, PRE, Spans, outcomes, read_lines
from whalecurve.engine.trials.planned import UNIVERSAL, Planned, open_planned

__all__ = [
    "CLV",
    "DISCOUNT",
    "PRE",
    "UNIVERSAL",
    "Cohort",
    "Compared",
    "Planned",
    "Spans",
    "arms_table",
    "cohort_of",
    "is_money",
    "open_planned",
    "outcomes",
    "read_lines",
]
