"""Order lines, in any order, to one row of exact totals a customer: partition, sort, scan."""

from whalecurve.engine.store.chosen_lines import ChosenLines, lines_of_chosen
from whalecurve.engine.store.days import Days, Stretch
from whalecurve.engine.store.given_table import totals_of_table
from whalecurve.engine.store.lazy_days import customer_days
from whalecurve.engine.store.lines_to_totals import read_totals
from whalecurve.engine.store.sampled import stretches_of
from whalecurve.engine.store.scratch import Kept, Scratch
from whalecurve.engine.store.splitting import split_few
from whalecurve.engine.store.summary import collect_summary, customer_summary, returns_rule, summary_of
from whalecurve.engine.store.totals_tables import HELPERS, Totals

__all__ = [
    "HELPERS",
    "ChosenLines",
    "Days",
    "Kept",
    "Scratch",
    "Stretch",
    "Totals",
    "collect_summary",
    "customer_days",
    "customer_summary",
    "lines_of_chosen",
    "read_totals",
    "returns_rule",
    "split_few",
    "stretches_of",
    "summary_of",
    "totals_of_table",
]
