"""What customers bought again, and the rhythm of each product.

A product has a rhythm as customers have: the product-limit estimate over all gaps between days on which a customer
bought it, open ones included, of the purchases that are followed by another; and each customer's own gaps count beside
it, the more the more there are (see `Rhythm`). It is due on the day by whose end half of the customer's gaps are over,
and no longer beyond the day by which nine in ten are: they buy it elsewhere then, or have no more use for it.
"""

from datetime import date

import numpy as np
import polars as pl

from whalecurve.engine.customer_shares import Share
from whalecurve.engine.orders import Orders, as_text, dimension_column, observed_lines
from whalecurve.engine.segments import OVERDUE_BEYOND, Rhythm
from whalecurve.engine.settings import ObservedWindow
from whalecurve.engine.statistics import kaplan_meier

DUE, LAPSED = 0.5, OVERDUE_BEYOND
"""Shares of a customer's gaps that are over when the product is due, and when it is no longer."""


def days_of(log: Orders, window: ObservedWindow, product: str, share: Share) -> pl.DataFrame:
    """Days on which customers of a share bought each product: customer_id, product, day, in order."""
    column = dimension_column(product)
    bought = observed_lines(log, window, share).filter(~pl.col("is_return")).select("customer_id", "day", column)
    dtype = bought.collect_schema()[column]
    days = bought.drop_nulls(column).select("customer_id", "day", product=as_text(dtype, column)).unique()
    return days.collect(engine="streaming").sort("customer_id", "product", "day")


def bought_again(days: pl.DataFrame, as_of: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Gaps by product and length, and what each customer bought of each product on how many days.

    Parameters
    ----------
    days
        As `days_of` has them.

    Returns
    -------
    DataFrame, DataFrame
        product, days, is_open, n; and customer_id, product, first_purchase, last_purchase, n_purchase_days, variation:
        the coefficient of variation of the customer's gaps, null with fewer than two
    """
    same = ["customer_id", "product"]
    has_next = pl.all_horizontal(pl.col(name) == pl.col(name).shift(-1) for name in same).fill_null(value=False)
    last_day = (as_of - date(1970, 1, 1)).days
    until = pl.when(has_next).then(pl.col("day").shift(-1)).otherwise(last_day)
    gaps = days.with_columns(days=(until - pl.col("day")).cast(pl.Int64), is_open=~has_next)
    lengths = gaps.group_by("product", "days", "is_open").agg(n=pl.len().cast(pl.Int64))
    closed = pl.when(~pl.col("is_open")).then("days")
    every = (
        gaps.with_columns(square=closed**2)
        .group_by(same, maintain_order=True)
        .agg(
            first_purchase=pl.col("day").first(),
            last_purchase=pl.col("day").last(),
            n_purchase_days=pl.len(),
            squares=pl.col("square").sum(),
        )
    )
    n, span = pl.col("n_purchase_days").cast(pl.Int64) - 1, (pl.col("last_purchase") - pl.col("first_purchase"))
    variance = (pl.col("squares") - span.cast(pl.Int64) ** 2 / n) / (n - 1)
    every = every.with_columns(variation=pl.when(n > 1).then(variance.clip(0.0).sqrt() * n / span)).select(
        *same, pl.col("first_purchase", "last_purchase").cast(pl.Date), "n_purchase_days", "variation"
    )
    return lengths, every


def rhythms(gaps: pl.DataFrame) -> dict[str, Rhythm]:
    """The rhythm of each product, of gaps as `bought_again` has them, of any number of shares."""
    whole = gaps.group_by("product", "days", "is_open").agg(pl.col("n").sum())
    found = {}
    for (product,), own in whole.group_by("product"):
        counts = np.zeros((2, int(own["days"].max()) + 1), dtype=np.int64)  # type: ignore[arg-type]  # whole days
        np.add.at(counts, (own["is_open"].cast(pl.Int64).to_numpy(), own["days"].to_numpy()), own["n"].to_numpy())
        found[str(product)] = Rhythm.of(kaplan_meier(counts[0], counts[1]))
    return found


def with_due(bought: pl.DataFrame, rhythm: Rhythm) -> pl.DataFrame:
    """Add `days`, after which a product is due again to each customer, and `most`, after which it no longer is."""
    return bought.with_columns(days=rhythm.point(bought, DUE), most=rhythm.point(bought, LAPSED))
