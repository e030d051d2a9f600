"""Names of schemes and models as people read them."""

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
