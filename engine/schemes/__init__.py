"""The user's definitions: segments, tiers and actions, as TOML."""

from whalecurve.engine.schemes.quality import QualityRules
from whalecurve.engine.schemes.scheme import Part, Scheme, Segment, load_scheme
from whalecurve.engine.schemes.tier_rules import ClvTiers, Label, Lifecycle, Loyalty, LoyaltyTier
from whalecurve.engine.schemes.toml_tables import check_keys, decimal, number_of, text_of

__all__ = [
    "ClvTiers",
    "Label",
    "Lifecycle",
    "Loyalty",
    "LoyaltyTier",
    "Part",
    "QualityRules",
    "Scheme",
    "Segment",
    "check_keys",
    "decimal",
    "load_scheme",
    "number_of",
    "text_of",
]
