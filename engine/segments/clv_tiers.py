"""Stage: scores -> CLV tier."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.coded_words import labelled
from whalecurve.engine.schemes import ClvTiers
from whalecurve.engine.segments.best_shares import cutoffs, place

ClvCutoffs = tuple[float, ...]
"""Least clv of the high and of the middle tier."""


def clv_cutoffs(clv: NDArray[np.float64], tiers: ClvTiers) -> ClvCutoffs | None:
    """Least clv of the high and of the middle tier among the customers with one; None where there are none.

    Equal customers are never divided, and the best group is always high: see `cutoffs`, which puts them into another
    order.
    """
    return cutoffs(clv, tiers.tops)


def with_clv_tier(customers: pl.LazyFrame, tiers: ClvTiers, cuts: ClvCutoffs | None) -> pl.LazyFrame:
    """Add clv_tier (Enum), null where clv is null or NaN, or there are no cutoffs. Needs clv."""
    has_clv = pl.col("clv").is_not_nan() & pl.lit(cuts is not None)
    tier = place(pl.col("clv"), cuts or ())
    return customers.with_columns(
        clv_tier=labelled([label.name for label in tiers.labels], pl.when(has_clv).then(tier))
    )
