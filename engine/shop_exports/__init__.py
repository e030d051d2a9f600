"""Exports of shops and tools: what their columns are called, and how they spell times and money."""

from whalecurve.engine.shop_exports.aliases import called, plain
from whalecurve.engine.shop_exports.currency_codes import CURRENCY_CODES
from whalecurve.engine.shop_exports.expansion import expanded, with_preset
from whalecurve.engine.shop_exports.money_and_times import Spelling, money_in, times_in
from whalecurve.engine.shop_exports.order_states import is_end, is_flag, keeps_others, no_sales, says_refund, says_state
from whalecurve.engine.shop_exports.preset import Preset, preset_called, recognised
from whalecurve.engine.shop_exports.repeated_amounts import amounts_by_order, may_be_totals, same_on_lines
from whalecurve.engine.shop_exports.role_candidates import Candidate, candidates, is_filled
from whalecurve.engine.shop_exports.role_types import MONEY_ROLES, needed_for, suits
from whalecurve.engine.shop_exports.sample import sample_of

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
