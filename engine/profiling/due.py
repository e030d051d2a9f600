"""When each customer of the segment is due: the next purchase as the result tells it, and their usual gap."""

from datetime import date

import polars as pl

from whalecurve.engine.segments import OWN_GAPS, SOON_DAYS, Rhythm, with_is_overdue, with_next_purchase

TOLD = ("next_purchase", "is_overdue")
"""Columns of the customers in a result; one from before they were told has neither."""


def due(customers: pl.DataFrame, rhythm: Rhythm, as_of: date, told: pl.DataFrame | None = None) -> pl.DataFrame:
    """One row per customer of the segment: when the next purchase is due.

    Parameters
    ----------
    customers
        customer_id, in_segment, first_day, last_day, n_days.
    rhythm
        That of all customers, which each one's own is shrunk towards.
    told
        customer_id and `TOLD` of these customers at least; None: by the rhythm, as a result has it that tells them so.

    Returns
    -------
    DataFrame
        customer_id
        last_purchase : Date
        gap_days : Int64, median of the customer's gaps; null where there is nothing to go by
        basis : what that is by: "own" with `OWN_GAPS` gaps or more, else "everybody"
        expected_next : Date, null where unknown
        is_overdue
    """
    histories = customers.filter("in_segment").select(
        "customer_id",
        n_purchase_days="n_days",
        first_purchase=pl.col("first_day").cast(pl.Date),
        last_purchase=pl.col("last_day").cast(pl.Date),
        days_since_last=(as_of - pl.col("last_day").cast(pl.Date)).dt.total_days(),
    )
    histories = histories.with_columns(gap_days=rhythm.point(histories, 0.5))
    if told is None:
        silent = with_is_overdue(histories.lazy().with_columns(rhythm.not_back()))
        known = with_next_purchase(silent, rhythm, "rhythm", as_of).collect()
    else:
        known = histories.join(told.select("customer_id", *TOLD), on="customer_id", how="left", maintain_order="left")
    has_own = pl.col("n_purchase_days") > OWN_GAPS
    return known.select(
        "customer_id",
        "last_purchase",
        "gap_days",
        basis=pl.when(pl.col("gap_days").is_not_null()).then(
            pl.when(has_own).then(pl.lit("own")).otherwise(pl.lit("everybody"))
        ),
        expected_next="next_purchase",
        is_overdue="is_overdue",
    )


def due_counts(table: pl.DataFrame, as_of: date) -> dict[str, int]:
    """Customers by when they are due: within `SOON_DAYS` days, later, overdue (be a day told or not), unknown."""
    days, is_overdue = (pl.col("expected_next") - as_of).dt.total_days(), pl.col("is_overdue").fill_null(value=False)
    counts = table.select(
        soon=(~is_overdue & (days <= SOON_DAYS)).sum(),
        later=(~is_overdue & (days > SOON_DAYS)).sum(),
        overdue=is_overdue.sum(),
        unknown=(~is_overdue & days.is_null()).sum(),
        own_rhythm=(pl.col("basis") == "own").sum(),
    )
    return {name: int(n or 0) for name, n in counts.row(0, named=True).items()}
