"""Days of customers counted into measures over time."""

from whalecurve.kernels.measures.closing import add_blocks, add_cells, close
from whalecurve.kernels.measures.counting import add_days
from whalecurve.kernels.measures.membership import begin, joined, mark_days, mark_joint, note
from whalecurve.kernels.measures.tables import (
    CUSTOMER_WORDS,
    FACT_WORDS,
    KINDS,
    MOST_GROUPS,
    MOST_MONTHS,
    NO_COHORT,
    Cell,
    FirstPurchase,
    Lapse,
    Observed,
    People,
    Tables,
    bytes_per_row,
    empty_tables,
    kinds_of,
)

__all__ = [
    "CUSTOMER_WORDS",
    "FACT_WORDS",
    "KINDS",
    "MOST_GROUPS",
    "MOST_MONTHS",
    "NO_COHORT",
    "Cell",
    "FirstPurchase",
    "Lapse",
    "Observed",
    "People",
    "Tables",
    "add_blocks",
    "add_cells",
    "add_days",
    "begin",
    "bytes_per_row",
    "close",
    "empty_tables",
    "joined",
    "kinds_of",
    "mark_days",
    "mark_joint",
    "note",
]
