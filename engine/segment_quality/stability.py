"""Segments that customers do not stay in from one result to the next."""

import polars as pl

from whalecurve.engine.schemes import QualityRules


def unstable(flows: pl.DataFrame, rules: QualityRules) -> list[str]:
    """The segments of a scheme of which fewer customers stay than the thresholds ask for, in words.

    Parameters
    ----------
    flows
        segment, customers_old, and retained_share: of the customers who were in the segment, those who still are.
    rules
        The thresholds. Segments of too few customers are left out.
    """
    told = flows.filter(
        pl.col("segment").is_not_null()
        & (pl.col("customers_old") >= rules.min_customers)
        & (pl.col("retained_share") < rules.stays_from)
    )
    return [
        f"{row['segment']}: {row['retained_share']:.0%} of its {row['customers_old']:,} customers are still in it"
        for row in told.iter_rows(named=True)
    ]
