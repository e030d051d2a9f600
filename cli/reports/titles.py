"""Names of schemes, models, scores and rates in reports."""

from whalecurve.engine.titles import MODELS, MOVED_MUCH, SCHEMES, STABLE, UNLABELLED

__all__ = [
    "BEHAVIOUR",
    "MODELS",
    "MOVED_MUCH",
    "SCHEMES",
    "SCORED",
    "SCORES",
    "STABLE",
    "UNLABELLED",
    "VALUE_AXES",
]

SCORES = {"r_score": "R", "f_score": "F", "m_score": "M"}
SCORED = {"days_since_last": "days since last", "n_purchase_days": "purchase days", "value": "value"}
"""What R, F and M score."""
VALUE_AXES = {"value_at_stake": "value at stake", "clv_total": "value + CLV"}
"""What high value is of."""

BEHAVIOUR = {
    "second_purchase_rate": "second purchase",
    "return_rate": "lines returned",
    "loss_share": "with a loss",
    "margin_rate": "margin rate",
}
"""Rates by which the values of a dimension are compared."""
