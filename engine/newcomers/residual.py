"""What is left of each customer without a horizon: discounted purchases, and what they bring."""

import numpy as np
import polars as pl

from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.forecasts import dert_if_active
from whalecurve.engine.newcomers.basis import Basis
from whalecurve.engine.publication import CUSTOMER
from whalecurve.engine.segments import LABELS

SEGMENT = "segment"


def residual_of(basis: Basis) -> pl.DataFrame:
    """One row per customer, in order of the ids: customer_id, the RFM segment, dert, residual_clv.

    `dert` is P(alive) times what somebody active with the customer's history buys, discounted, for ever; `residual_clv`
    that times the expected value of a purchase. Null without a purchase, without a spend model, or without a bound.

    Raises
    ------
    InputError
        A model with stages: what is left of a customer then depends on more than (x, T).
    """
    result = basis.result
    if basis.stages is not None:
        raise InputError(
            f"{setting('residual')} is of the models without stages, and {result.path} was scored by "
            f"{basis.purchases.model}; leave it out"
        )
    customers = (
        result.take(CUSTOMER, "frequency", "T", "p_alive", "expected_value", LABELS["rfm"])
        .sort(CUSTOMER)
        .collect(engine="streaming")
    )
    pairs = customers.select("frequency", "T").drop_nulls().unique().sort("frequency", "T")
    x, T = (pairs[name].cast(pl.Float64).to_numpy() for name in ("frequency", "T"))
    ages = T if basis.clock is None else basis.clock.ages(T)
    active = dert_if_active(basis.purchases, x, ages, basis.rate) if x.size else np.empty(0)
    found = pairs.with_columns(active=pl.Series(active, dtype=pl.Float64).fill_nan(None))
    return (
        customers.join(found, on=["frequency", "T"], how="left", maintain_order="left")
        .with_columns(dert=pl.col("p_alive") * pl.col("active"))
        .select(
            CUSTOMER,
            pl.col(LABELS["rfm"]).cast(pl.String).alias(SEGMENT),
            "dert",
            residual_clv=pl.col("dert") * pl.col("expected_value"),
        )
    )
