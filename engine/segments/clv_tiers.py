"""Stage: scores -> CLV tier, and whether a customer of the middle tier is at risk."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.schemes import ClvTiers, decimal
from whalecurve.engine.segments.cutoffs import cutoffs, place
from whalecurve.engine.segments.labels import labelled

WINDOW_DAYS = 90
"""Length of the two windows whose value is compared: the last days up to as-of, and as many before them."""

ClvCutoffs = tuple[float, ...]
"""Least clv of the high and of the middle tier."""


def clv_cutoffs(clv: NDArray[np.float64], tiers: ClvTiers) -> ClvCutoffs | None:
    """Least clv of the high and of the middle tier among the customers with one; None where there are none.

    Equal customers are never divided, and the best group is always high: see `cutoffs`, which puts them into another
    order.
    """
    return cutoffs(clv, tiers.tops)


def with_clv_tier(customers: pl.LazyFrame, tiers: ClvTiers, cuts: ClvCutoffs | None) -> pl.LazyFrame:
    """Add clv_tier (Enum) and at_risk (Boolean), both null where clv is null or NaN, or there are no cutoffs.

    At risk is a customer of the middle tier whose value of the last 90 days is below a share, usually half, of the
    value of the 90 days before. Both are net of returns, and compared exactly. There is no fall from nothing: with
    no value in the 90 days before, or a negative one, nobody is at risk, and so not a customer whose first purchase
    is within the last 90 days. One whose first purchase came in the 90 days before is held against it as it is.

    Needs clv, recent_value and earlier_value, the last two in whole millionths (Int64) and never null.
    """
    known = pl.col("clv").is_not_nan() & pl.lit(cuts is not None)
    tier = place(pl.col("clv"), cuts or ())
    share = decimal(tiers.at_risk_below)
    recent, earlier = (pl.col(name).cast(pl.Int128) for name in ("recent_value", "earlier_value"))
    has_fallen = (pl.col("earlier_value") > 0) & (recent * share.denominator < earlier * share.numerator)
    return customers.with_columns(
        clv_tier=labelled([label.name for label in tiers.labels], pl.when(known).then(tier)),
        at_risk=pl.when(known).then((tier == 1) & has_fallen),
    )
