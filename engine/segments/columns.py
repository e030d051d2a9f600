"""The columns that name a customer's group in each scheme, and those that are summed by group."""

from typing import Literal

from whalecurve.engine.money import UNITS

SegmentScheme = Literal["rfm", "matrix", "clv_tier", "lifecycle_stage", "loyalty_tier"]
"""Schemes that name groups of customers."""

LABELS: dict[str, str] = {
    "rfm": "rfm_segment",
    "matrix": "matrix_segment",
    "clv_tier": "clv_tier",
    "lifecycle_stage": "lifecycle_stage",
    "loyalty_tier": "loyalty_tier",
}
"""Column of labels by scheme."""

RANKED = ("clv_tier", "loyalty_tier")
"""Schemes whose labels go from best to worst, so that a customer can move up or down."""


AMOUNTS = ("revenue", "margin", "value", "clv", "value_at_stake")

VALUE_AXES = {"stake": "value_at_stake", "total": "clv_total"}
"""Column that the matrix goes by for each setting of its axis of value."""


RISK_STEPS = 2**53
"""1 - p for a float p in [0, 1] is a whole number of these steps, so that sums of risks are exact."""


SUMMED = {"churn_risk": RISK_STEPS, **dict.fromkeys(AMOUNTS, UNITS)}
"""Steps in 1 by column."""
