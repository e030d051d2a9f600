"""Names of schemes and models as people read them, and words of a record that reports go by."""

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

MATRIX_CELLS = ("retain", "divest", "grow", "maintain")
"""Cells of the risk x value matrix, as its rows are ordered: two at risk; the first and third of high value."""
STABLE, MOVED, MOVED_MUCH = "stable", "moved", "moved much"
"""Verdicts on an index of population stability: little, more, and so much change that a new fit is due."""

MODELS = {
    "bgnbd": "BG/NBD",
    "mbgnbd": "MBG/NBD",
    "pnbd": "Pareto/NBD",
    "bgcnbd": "BG/CNBD-k",
    "mbgcnbd": "MBG/CNBD-k",
    "bgbb": "BG/BB",
    "gamma_gamma": "Gamma-Gamma",
    "credibility": "credibility of spend",
    "mean": "shrunken mean of spend",
    "frequency": "credibility of spend by frequency",
}
