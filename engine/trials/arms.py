"""Arms in sums and numbers of customers, as they are: all of an arm, and by segment."""

import polars as pl

from whalecurve.engine.money import to_currency
from whalecurve.engine.trials.outcome_sums import COUNTS, MONEY
from whalecurve.engine.trials.planned import UNIVERSAL, Planned


def arms_table(plan: Planned, customers: pl.DataFrame) -> pl.DataFrame:
    """Customers and sums of each arm, holdouts too, all together (segment null) and by segment."""
    names = [name for name in (*COUNTS, *MONEY) if name in customers.columns]
    money = [to_currency(pl.col(name)) for name in names if name in MONEY]
    sums = [pl.len().cast(pl.Int64).alias("customers"), *(pl.col(name).cast(pl.Int128).sum() for name in names)]
    order = {arm: i for i, arm in enumerate((*plan.arms, *plan.holdout, UNIVERSAL))}
    whole = customers.group_by("arm").agg(sums).with_columns(segment=pl.lit(None, pl.String))
    parts = customers.group_by("arm", segment=pl.col("stratum").cast(pl.String)).agg(sums).drop_nulls("segment")
    columns = ["arm", "segment", "customers", *names]
    both = pl.concat([whole.select(columns), parts.select(columns)])
    place = pl.col("arm").replace_strict(order, default=len(order), return_dtype=pl.Int32)
    table = both.with_columns(money).with_columns(pl.col(name).cast(pl.Int64) for name in names if name in COUNTS)
    return table.sort("segment", place, "arm", nulls_last=False)
