"""Names of schemes, models, scores and rates in reports."""

SCHEMES = {
    "rfm": "segment",
    "matrix": "risk x value",
    "clv_tier": "CLV tier",
    "lifecycle_stage": "lifecycle stage",
    "loyalty_tier": "loyalty tier",
}
UNLABELLED = {
    "rfm": "no purchase",
    "matrix": "not placed",
    "clv_tier": "no CLV",
    "lifecycle_stage": "no purchase",
    "loyalty_tier": "no purchase",
}
"""Of each scheme: the customers to whom it gives no label."""

MODELS = {
    "bgnbd": "BG/NBD",
    "mbgnbd": "MBG/NBD",
    "pnbd": "Pareto/NBD",
    "bgbb": "BG/BB",
    "gamma_gamma": "Gamma-Gamma",
    "credibility": "credibility of spend",
    "mean": "shrunken mean of spend",
}
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
