"""Whale and Lorenz curves, Gini and its relatives, negative values included."""

from whalecurve.kernels.concentration.curves import (
    customers_for,
    lorenz_curve,
    ranks,
    top_share,
    total_absolute,
    whale_curve,
)
from whalecurve.kernels.concentration.inequality import (
    gini,
    gini_normalised,
    herfindahl,
    hoover,
    palma,
    tail_exponent,
    tail_start,
    theil,
    theil_split,
)
from whalecurve.kernels.concentration.value_order import key, mend, pack, unpack

__all__ = [
    "customers_for",
    "gini",
    "gini_normalised",
    "herfindahl",
    "hoover",
    "key",
    "lorenz_curve",
    "mend",
    "pack",
    "palma",
    "ranks",
    "tail_exponent",
    "tail_start",
    "theil",
    "theil_split",
    "top_share",
    "total_absolute",
    "unpack",
    "whale_curve",
]
