"""Exports of shops and tools: what their columns are called, and how they spell times and money."""

from whalecurve.engine.exports.aliases import called, plain
from whalecurve.engine.exports.currency_codes import CURRENCY_CODES
from whalecurve.engine.exports.expansion import expanded, with_preset
from whalecurve.engine.exports.preset import Preset, preset_called, recognised
from whalecurve.engine.exports.repeated_amounts import amounts_by_order, may_be_totals, same_on_lines
from whalecurve.engine.exports.role_candidates import Candidate, candidates, is_filled
from whalecurve.engine.exports.role_types import MONEY_ROLES, needed_for, suits
from whalecurve.engine.exports.sample import sample_of
from whalecurve.engine.exports.spellings import Spelling, money_in, times_in
from whalecurve.engine.exports.states import is_end, is_flag, keeps_others, no_sales, says_refund, says_state

__all__ = [
    "CURRENCY_CODES",
    "MONEY_ROLES",
    "Candidate",
    "Preset",
    "Spelling",
    "amounts_by_order",
    "called",
    "candidates",
    "expanded",
    "is_end",
    "is_filled",
    "is_flag",
    "keeps_others",
    "may_be_totals",
    "money_in",
    "needed_for",
    "no_sales",
    "plain",
    "preset_called",
    "recognised",
    "same_on_lines",
    "sample_of",
    "says_refund",
    "says_state",
    "suits",
    "times_in",
    "with_preset",
]
