"""Products that a customer buys regularly, and when each is due again: see `engine.replenishment`."""

from datetime import date

import polars as pl

from whalecurve.engine.customer_shares import passes_for, shares_of
from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.order_files import Paths
from whalecurve.engine.orders import failures_named, scan_orders, scored_columns, scored_files
from whalecurve.engine.publication import Result, window_of
from whalecurve.engine.replenishment import bought_again, days_of, rhythms, with_due
from whalecurve.engine.segments import Rhythm
from whalecurve.engine.settings import Window

LEAST_BUYERS = 30
"""Customers who bought a product again, from which on it is one that is bought regularly."""

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
        parts = [bought_again(days_of(log, window, product, share), window.as_of) for share in shares_of(n_passes)]
    gaps = pl.concat([lengths for lengths, _ in parts])
    again = pl.concat([customers.filter(pl.col("n_purchase_days") > 1) for _, customers in parts])
    regular = again["product"].value_counts().filter(pl.col("count") >= LEAST_BUYERS)["product"].sort()
    if regular.is_empty():
        raise InputError(
            f'{setting("product")} "{product}": nothing is bought again by {LEAST_BUYERS} customers; name a '
            f"column that tells kinds of products apart, as a category"
        )
    curves = rhythms(gaps.filter(pl.col("product").is_in(regular.implode())))
    due = [_due(own, curves[str(name)], on) for (name,), own in again.group_by("product") if name in curves]
    return pl.concat(due).sort("customer_id", "product")


def _due(bought: pl.DataFrame, rhythm: Rhythm, on: date) -> pl.DataFrame:
    """The customers to whom the product is due on a day."""
    days = with_due(bought, rhythm)
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
