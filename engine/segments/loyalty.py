"""Stage: customer summary -> loyalty tier, by the value of the last 365 days."""

from fractions import Fraction

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.coded_words import labelled
from whalecurve.engine.money import UNITS
from whalecurve.engine.schemes import Loyalty
from whalecurve.engine.segments.best_shares import cutoffs, place

MOST_UNITS = 2**63 - 1

LoyaltyCutoffs = tuple[float, ...]
"""Least value of the last 365 days, in currency, for each tier but the last, best first."""


def earning(customers: pl.DataFrame) -> NDArray[np.float64]:
    """The value of the last 365 days, in currency, of the customers with a purchase day, where positive.

    Needs n_purchase_days, and year_value in whole millionths (Int64).
    """
    values = customers.filter((pl.col("n_purchase_days") > 0) & (pl.col("year_value") > 0))["year_value"]
    return values.cast(pl.Float64).to_numpy() / UNITS


def loyalty_cutoffs(earned: NDArray[np.float64], loyalty: Loyalty) -> LoyaltyCutoffs | None:
    """The scheme's amounts, or the least values that belong to its shares; None where there is nobody to share.

    Shares are of the customers with a purchase day and a positive value in the last 365 days, those of `earning`: in a
    long log most customers have none, and would fill every tier but the best with ties at nothing. Equal customers are
    never divided, and the best group is always in the best tier: see `cutoffs`, which puts them into another order.
    """
    if loyalty.amounts:
        return loyalty.amounts
    return cutoffs(earned, loyalty.tops)


def with_loyalty_tier(customers: pl.LazyFrame, loyalty: Loyalty, cuts: LoyaltyCutoffs | None) -> pl.LazyFrame:
    """Add loyalty_tier (Enum), the best tier whose cutoff is reached, the last one where none is.

    Null without a purchase day. Cutoffs are positive, so that nobody without value in the last 365 days is in a better
    tier than the last. Needs n_purchase_days, and year_value in whole millionths (Int64), never null.
    """
    least = [min(round(Fraction(cut) * UNITS), MOST_UNITS) for cut in cuts or ()]
    tier = place(pl.col("year_value"), least) if least else pl.lit(len(loyalty.labels) - 1, pl.UInt8)
    of_buyers = pl.when(pl.col("n_purchase_days") > 0).then(tier)
    return customers.with_columns(loyalty_tier=labelled([label.name for label in loyalty.labels], of_buyers))
