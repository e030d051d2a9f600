"""Products that are bought regularly, and when each is due to whom.

The customer is the unit: a product is one to replenish where more than half of the customers with two gaps or more
have regular ones, up to `most_variation`, by the lower end of the interval of that share. Gaps of purchases at random
vary as much as they are long, and about a third of pairs of such gaps vary half as much or less.
"""

from datetime import date

import numpy as np
import polars as pl

from whalecurve.engine.customer_shares import shares_of
from whalecurve.engine.habits.settings import HabitSettings
from whalecurve.engine.orders import Orders, failures_named
from whalecurve.engine.replenishment import bought_again, days_of, rhythms, with_due
from whalecurve.engine.segments import OWN_GAPS, Rhythm
from whalecurve.engine.settings import ObservedWindow
from whalecurve.engine.statistics import wilson_interval

REGULAR = 0.5
"""Share of the customers that has to be beyond doubt."""

DUE = {
    "product": pl.String,
    "last_bought": pl.Date,
    "purchase_days": pl.Int64,
    "days": pl.Int64,
    "due_on": pl.Date,
    "until": pl.Date,
    "is_due": pl.Boolean,
    "basis": pl.String,
}


def replenished(
    log: Orders, window: ObservedWindow, product: str, asked: HabitSettings, n_passes: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One row per product that somebody bought again; and one per customer and product to replenish, not yet lapsed."""
    with failures_named(log):
        parts = [bought_again(days_of(log, window, product, share), window.as_of) for share in shares_of(n_passes)]
    gaps = pl.concat([lengths for lengths, _ in parts])
    buyers = pl.concat([every.group_by("product").agg(customers=pl.len().cast(pl.Int64)) for _, every in parts])
    again = pl.concat([every.filter(pl.col("n_purchase_days") > 1) for _, every in parts])
    counts = again.group_by("product").agg(
        customers_again=pl.len().cast(pl.Int64),
        customers_told=pl.col("variation").count().cast(pl.Int64),
        regular=(pl.col("variation") <= asked.most_variation).sum().cast(pl.Int64),
        variation=pl.col("variation").median(),
    )
    products = buyers.group_by("product").agg(pl.col("customers").sum()).join(counts, on="product").sort("product")
    low, _ = wilson_interval(
        products["regular"].cast(pl.Float64).to_numpy(),
        products["customers_told"].cast(pl.Float64).to_numpy(),
        asked.level,
    )
    is_regular = (np.nan_to_num(low) > REGULAR) & (products["customers_told"] >= asked.min_customers).to_numpy()
    curves = rhythms(gaps.filter(pl.col("product").is_in(products["product"].implode())))
    table = products.with_columns(
        regular_share=pl.when(pl.col("customers_told") > 0).then(pl.col("regular") / pl.col("customers_told")),
        regular_share_low=pl.Series(low, dtype=pl.Float64).fill_nan(None),
        days=pl.Series([_median(curves, name) for name in products["product"]], dtype=pl.Int64),
        is_replenished=pl.Series(is_regular),
    ).drop("regular")
    names = table.filter("is_replenished")["product"]
    due = [
        _due(own.drop("variation"), curves[str(name)], window.as_of)
        for (name,), own in again.filter(pl.col("product").is_in(names.implode())).group_by("product")
    ]
    ids = again.select("customer_id").clear()
    nothing = ids.with_columns(pl.lit(None, dtype=dtype).alias(name) for name, dtype in DUE.items())
    return _in_order(table), pl.concat([nothing, *due]).sort("customer_id", "due_on", "product")


def _median(curves: dict[str, Rhythm], name: str) -> int | None:
    rhythm = curves[name]
    return None if rhythm.days is None else rhythm.days_of_all(0.5)


def _in_order(table: pl.DataFrame) -> pl.DataFrame:
    names = ("product", "customers", "customers_again", "customers_told", "variation", "regular_share")
    return table.sort(~pl.col("is_replenished"), -pl.col("customers_again"), "product").select(
        *names, "regular_share_low", "days", "is_replenished"
    )


def _due(bought: pl.DataFrame, rhythm: Rhythm, as_of: date) -> pl.DataFrame:
    days = with_due(bought, rhythm).drop_nulls(["days", "most"])
    last = pl.col("last_purchase")
    due_on, until = last + pl.duration(days="days"), last + pl.duration(days="most")
    own = pl.col("n_purchase_days") > OWN_GAPS
    return days.filter(until >= as_of).select(
        "customer_id",
        "product",
        last_bought=last,
        purchase_days=pl.col("n_purchase_days").cast(pl.Int64),
        days="days",
        due_on=due_on,
        until=until,
        is_due=due_on <= as_of,
        basis=pl.when(own).then(pl.lit("own")).otherwise(pl.lit("everybody")),
    )
