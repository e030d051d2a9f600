"""When each customer of the segment is due: the day on which the next purchase is expected by their own rhythm."""

from datetime import date

import polars as pl

from whalecurve.engine.segments import OWN_GAPS

SOON_DAYS = 30


def due(customers: pl.DataFrame, typical_days: float | None, as_of: date) -> pl.DataFrame:
    """One row per customer of the segment: when the next purchase is due.

    It is due one gap after the last purchase day: the customer's own mean gap where there are at least `OWN_GAPS` of
    them, else the segment's median one. A day that has passed is no expectation: then the customer is overdue, and
    none is given.

    Parameters
    ----------
    customers
        customer_id, in_segment, first_day, last_day, n_days.
    typical_days
        The segment's median gap; None where most customers have not come back.

    Returns
    -------
    DataFrame
        customer_id
        last_purchase : Date
        gap_days : Float64, null where there is nothing to go by
        basis : "own" or "segment"
        expected_next : Date, null where overdue or unknown
        is_overdue : null where unknown
    """
    n_gaps = pl.col("n_days") - 1
    own = (pl.col("last_day") - pl.col("first_day")) / n_gaps
    has_own = n_gaps >= OWN_GAPS
    gap = pl.when(has_own).then(own).otherwise(pl.lit(typical_days, dtype=pl.Float64))
    last = pl.col("last_day").cast(pl.Date)
    expected = (pl.col("last_day") + gap.round()).cast(pl.Int32).cast(pl.Date)
    is_overdue = expected <= as_of
    return customers.filter("in_segment").select(
        "customer_id",
        last_purchase=last,
        gap_days=gap,
        basis=pl.when(gap.is_not_null()).then(pl.when(has_own).then(pl.lit("own")).otherwise(pl.lit("segment"))),
        expected_next=pl.when(~is_overdue).then(expected),
        is_overdue=is_overdue,
    )


def due_counts(table: pl.DataFrame, as_of: date) -> dict[str, int]:
    """Customers by when they are due: within `SOON_DAYS` days, later, overdue, unknown."""
    days = (pl.col("expected_next") - as_of).dt.total_days()
    counts = table.select(
        soon=(days <= SOON_DAYS).sum(),
        later=(days > SOON_DAYS).sum(),
        overdue=pl.col("is_overdue").sum(),
        unknown=pl.col("is_overdue").is_null().sum(),
        own_rhythm=(pl.col("basis") == "own").sum(),
    )
    return {name: int(n or 0) for name, n in counts.row(0, named=True).items()}
