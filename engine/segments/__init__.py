"""Named groups of customers: RFM segments, risk-value matrix, tiers, lifecycle stages."""

from whalecurve.engine.segments.actions import actions_of, with_actions
from whalecurve.engine.segments.best_shares import numbers_of
from whalecurve.engine.segments.coded_words import filled, in_words, positions, schema_in_words
from whalecurve.engine.segments.columns import LABELS, RANKED, SUMMED, VALUE_AXES
from whalecurve.engine.segments.lifecycle import LEAST_DAYS
from whalecurve.engine.segments.loyalty import earning
from whalecurve.engine.segments.matrix import value_cutoff, value_cutoff_of, value_record, with_matrix
from whalecurve.engine.segments.names import named, segments_asked, slug
from whalecurve.engine.segments.next_purchase import (
    NEXT_PURCHASE,
    SOON_DAYS,
    WAITS,
    Basis,
    days_to_next,
    with_is_overdue,
    with_next_purchase,
)
from whalecurve.engine.segments.rfm import (
    RULE,
    Thresholds,
    rfm_thresholds,
    thresholds_of,
    with_rfm,
    with_rfm_segment,
)
from whalecurve.engine.segments.rfm_cuts_file import read_cuts
from whalecurve.engine.segments.rfm_nested import (
    AnyThresholds,
    NestedThresholds,
    nested_thresholds,
    thresholds_from_dict,
)
from whalecurve.engine.segments.rhythm import MOST_DAYS, OVERDUE_BEYOND, OWN_GAPS, Rhythm, is_past
from whalecurve.engine.segments.segment_table import parts_of, segment_table_of
from whalecurve.engine.segments.sums import segment_sums
from whalecurve.engine.segments.tiers import KEYS, TierCutoffs, rhythm_of, tier_cutoffs, tier_record, with_tiers

__all__ = [
    "KEYS",
    "LABELS",
    "LEAST_DAYS",
    "MOST_DAYS",
    "NEXT_PURCHASE",
    "OVERDUE_BEYOND",
    "OWN_GAPS",
    "RANKED",
    "RULE",
    "SOON_DAYS",
    "SUMMED",
    "VALUE_AXES",
    "WAITS",
    "AnyThresholds",
    "Basis",
    "NestedThresholds",
    "Rhythm",
    "Thresholds",
    "TierCutoffs",
    "actions_of",
    "days_to_next",
    "earning",
    "filled",
    "in_words",
    "is_past",
    "named",
    "nested_thresholds",
    "numbers_of",
    "parts_of",
    "positions",
    "read_cuts",
    "rfm_thresholds",
    "rhythm_of",
    "schema_in_words",
    "segment_sums",
    "segment_table_of",
    "segments_asked",
    "slug",
    "thresholds_from_dict",
    "thresholds_of",
    "tier_cutoffs",
    "tier_record",
    "value_cutoff",
    "value_cutoff_of",
    "value_record",
    "with_actions",
    "with_is_overdue",
    "with_matrix",
    "with_next_purchase",
    "with_rfm",
    "with_rfm_segment",
    "with_tiers",
]
