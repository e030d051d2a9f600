"""Products that a customer buys regularly, and when each is due again.

A product has a rhythm as customers have: the product-limit estimate over all gaps between days on which a customer
bought it, open ones included, of the purchases that are followed by another; and each customer's own gaps count beside
it, the more the more there are (see `Rhythm`). It is due on the day by whose end half of the customer's gaps are over,
and no longer beyond the day by which nine in ten are: they buy it elsewhere then, or have no more use for it.
"""

from collections.abc import Iterator
from datetime import date

import numpy as np
import polars as pl

from whalecurve.engine.customer_shares import Share, passes_for, shares_of
from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.order_files import Paths
from whalecurve.engine.orders import (
    Orders,
    as_text,
    dimension_column,
    failures_named,
    observed_lines,
    scan_orders,
    scored_columns,
    scored_files,
)
from whalecurve.engine.publication import Result, window_of
from whalecurve.engine.segments import OVERDUE_BEYOND, Rhythm
from whalecurve.engine.settings import ObservedWindow, Window
from whalecurve.engine.statistics import kaplan_meier

LEAST_BUYERS = 30
"""Customers who bought a product again, from which on it is one that is bought regularly."""

DUE, LAPSED = 0.5, OVERDUE_BEYOND
"""Shares of a customer's gaps that are over when the product is due, and when it is no longer."""

TOLD = ("customer_id", "product", "last_bought")
"""What is remembered: products that were told of, by the purchase that they followed."""

MOST_NAMED = 3


def products_due(result: Result, orders: Paths | None, product: str, on: date) -> pl.DataFrame:
    """The products that are due, of every customer who bought them on two days or more.

    Parameters
    ----------
    orders
        The order files, where they are no longer where they were scored; None: as the manifest names them.
    product
        Column, or SQL expression over columns, that tells products apart.

    Returns
    -------
    DataFrame
        customer_id, product (text), last_bought, days (Int64, the customer's median gap), due_on; by customer, product

    Raises
    ------
    InputError
        Files that are gone, or that are not what was scored; no such column; no product is bought again by
        `LEAST_BUYERS` customers.
    """
    window = window_of(result, Window())
    log = scan_orders(scored_files(result, orders), scored_columns(result), (product,), window.timezone)
    n_passes = passes_for(int(result.manifest["rows"]["used"]))
    with failures_named(log):
        parts = [_bought_again(_days(log, window, product, share), window.as_of) for share in shares_of(n_passes)]
    gaps = pl.concat([lengths for lengths, _ in parts]).group_by("product", "days", "is_open").agg(pl.col("n").sum())
    again = pl.concat([customers for _, customers in parts])
    regular = again["product"].value_counts().filter(pl.col("count") >= LEAST_BUYERS)["product"].sort()
    if regular.is_empty():
        raise InputError(
            f'{setting("product")} "{product}": nothing is bought again by {LEAST_BUYERS} customers; name a '
            f"column that tells kinds of products apart, as a category"
        )
    curves = dict(_curves(gaps.filter(pl.col("product").is_in(regular.implode()))))
    due = [_due(own, curves[str(name)], on) for (name,), own in again.group_by("product") if name in curves]
    return pl.concat(due).sort("customer_id", "product")


def _days(log: Orders, window: ObservedWindow, product: str, share: Share) -> pl.DataFrame:
    """Days on which customers of a share bought each product: customer_id, product, day, in order."""
    column = dimension_column(product)
    bought = observed_lines(log, window, share).filter(~pl.col("is_return")).select("customer_id", "day", column)
    dtype = bought.collect_schema()[column]
    days = bought.drop_nulls(column).select("customer_id", "day", product=as_text(dtype, column)).unique()
    return days.collect(engine="streaming").sort("customer_id", "product", "day")


def _bought_again(days: pl.DataFrame, as_of: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Gaps by product and length, the open ones too; and the customers who bought a product on several days."""
    same = ["customer_id", "product"]
    following = pl.col("day").shift(-1).over(same)
    last_day = (as_of - date(1970, 1, 1)).days
    gaps = days.select(
        "product", days=(following.fill_null(last_day) - pl.col("day")).cast(pl.Int64), is_open=following.is_null()
    )
    lengths = gaps.group_by("product", "days", "is_open").agg(n=pl.len().cast(pl.Int64))
    every = days.group_by(same, maintain_order=True).agg(
        first_purchase=pl.col("day").first().cast(pl.Date),
        last_purchase=pl.col("day").last().cast(pl.Date),
        n_purchase_days=pl.len(),
    )
    return lengths, every.filter(pl.col("n_purchase_days") > 1)


def _curves(gaps: pl.DataFrame) -> Iterator[tuple[str, Rhythm]]:
    """The rhythm of each product."""
    for (product,), own in gaps.group_by("product"):
        counts = np.zeros((2, int(own["days"].max()) + 1), dtype=np.int64)  # type: ignore[arg-type]  # whole days
        np.add.at(counts, (own["is_open"].cast(pl.Int64).to_numpy(), own["days"].to_numpy()), own["n"].to_numpy())
        yield str(product), Rhythm.of(kaplan_meier(counts[0], counts[1]))


def _due(bought: pl.DataFrame, rhythm: Rhythm, on: date) -> pl.DataFrame:
    """The customers to whom the product is due on a day."""
    days = bought.with_columns(days=rhythm.point(bought, DUE), most=rhythm.point(bought, LAPSED))
    silence = (pl.lit(on) - pl.col("last_purchase")).dt.total_days()
    return days.filter(silence >= pl.col("days"), silence <= pl.col("most")).select(
        "customer_id",
        "product",
        last_bought="last_purchase",
        days="days",
        due_on=pl.col("last_purchase") + pl.duration(days="days"),
    )


def not_told(due: pl.DataFrame, told: pl.DataFrame | None, on: date) -> pl.DataFrame:
    """Products that nobody has told the customer of since they last bought them; without a memory, those due today."""
    if told is None:
        return due.filter(due_on=on)
    return due.join(told, on=TOLD, how="anti", maintain_order="left")


def events_of(due: pl.DataFrame) -> pl.DataFrame:
    """One event a customer, with the products that have been due for longest: customer_id, trigger, detail."""
    longest = due.sort("customer_id", "due_on", "product", maintain_order=True)
    names = pl.format("{} (every {} days)", "product", "days").head(MOST_NAMED).str.join(", ")
    more = pl.len().cast(pl.Int64) - MOST_NAMED
    return (
        longest.group_by("customer_id", maintain_order=True)
        .agg(names=names, more=more)
        .select(
            "customer_id",
            trigger=pl.lit("replenishment"),
            detail=pl.when(pl.col("more") > 0).then(pl.format("{} and {} more", "names", "more")).otherwise("names"),
        )
    )
