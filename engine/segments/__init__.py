"""Named groups of customers: RFM segments, risk-value matrix, tiers, lifecycle stages."""

from whalecurve.engine.segments.actions import actions_of, with_actions
from whalecurve.engine.segments.best_shares import numbers_of
from whalecurve.engine.segments.columns import LABELS, RANKED, SUMMED, VALUE_AXES, SegmentScheme
from whalecurve.engine.segments.conditions import NO_CONDITIONS, Conditions, conditions_of, reads_conditions
from whalecurve.engine.segments.cutoffs_of_tiers import (
    KEYS,
    TierCutoffs,
    rhythm_of,
    tier_cutoffs,
    tier_record,
    with_tiers,
)
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
from whalecurve.engine.segments.rfm_segments import with_rfm_segment
from whalecurve.engine.segments.rhythm import MOST_DAYS, OVERDUE_BEYOND, OWN_GAPS, Rhythm, is_past
from whalecurve.engine.segments.segment_table import parts_of, segment_table_of
from whalecurve.engine.segments.sums import segment_sums

__all__ = [
    "KEYS",
    "LABELS",
    "LEAST_DAYS",
    "MOST_DAYS",
    "NEXT_PURCHASE",
    "NO_CONDITIONS",
    "OVERDUE_BEYOND",
    "OWN_GAPS",
    "RANKED",
    "SOON_DAYS",
    "SUMMED",
    "VALUE_AXES",
    "WAITS",
    "Basis",
    "Conditions",
    "Rhythm",
    "SegmentScheme",
    "TierCutoffs",
    "actions_of",
    "conditions_of",
    "days_to_next",
    "earning",
    "is_past",
    "named",
    "numbers_of",
    "parts_of",
    "reads_conditions",
    "rhythm_of",
    "segment_sums",
    "segment_table_of",
    "segments_asked",
    "slug",
    "tier_cutoffs",
    "tier_record",
    "value_cutoff",
    "value_cutoff_of",
    "value_record",
    "with_actions",
    "with_is_overdue",
    "with_matrix",
    "with_next_purchase",
    "with_rfm_segment",
    "with_tiers",
]
