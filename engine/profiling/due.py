"""When each customer of the segment is due: the day on which the next purchase is expected by their rhythm."""

from datetime import date

import polars as pl

from whalecurve.engine.segments import OWN_GAPS, Rhythm, is_past

SOON_DAYS = 30
OVERDUE_BEYOND = 0.9
"""Share of a customer's gaps that are over when the next purchase is."""


def due(customers: pl.DataFrame, rhythm: Rhythm, as_of: date) -> pl.DataFrame:
    """One row per customer of the segment: when the next purchase is due.

    It is expected on the day by whose end half of the customer's gaps that are as long as the silence so far are over.
    Beyond the 90 % point of their rhythm a customer is overdue, and no day is given.

    Parameters
    ----------
    customers
        customer_id, in_segment, first_day, last_day, n_days.
    rhythm
        That of all customers, which each one's own is shrunk towards.

    Returns
    -------
    DataFrame
        customer_id
        last_purchase : Date
        gap_days : Int64, median of the customer's gaps; null where there is nothing to go by
        basis : "own" with `OWN_GAPS` gaps or more, else "everybody"
        expected_next : Date, null where overdue or unknown
        is_overdue : null where unknown
    """
    histories = customers.filter("in_segment").select(
        "customer_id",
        n_purchase_days="n_days",
        first_purchase=pl.col("first_day").cast(pl.Date),
        last_purchase=pl.col("last_day").cast(pl.Date),
        days_since_last=(as_of - pl.col("last_day").cast(pl.Date)).dt.total_days(),
    )
    gap, wait = rhythm.point(histories, 0.5), rhythm.next_day(histories)
    silent = histories.with_columns(rhythm.not_back(), gap_days=gap, wait=wait)
    is_overdue = (
        pl.when(is_past(OVERDUE_BEYOND))
        .then(pl.lit(value=True))
        .when(pl.col("wait").is_not_null())
        .then(pl.lit(value=False))
    )
    has_own = pl.col("n_purchase_days") > OWN_GAPS
    return silent.select(
        "customer_id",
        "last_purchase",
        "gap_days",
        basis=pl.when(pl.col("gap_days").is_not_null()).then(
            pl.when(has_own).then(pl.lit("own")).otherwise(pl.lit("everybody"))
        ),
        expected_next=pl.when(~is_overdue).then(pl.col("last_purchase") + pl.duration(days="wait")),
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
