"""Whether an amount is that of the order and stands on each of its lines, as many exports have it."""

from typing import Any

import polars as pl

SAME_AMOUNT = 0.9
"""Share of the orders of several lines that have one amount on all of them, from which it is probably the order's."""
FEWEST_ORDERS = 5
"""Orders of several lines from which it can be told."""


def amounts_by_order(lines: pl.LazyFrame) -> pl.LazyFrame:
    """What orders have as amounts, in one row.

    n_several, n_same : orders of several lines, and those of them with one amount other than 0 on all
    n_repeated, n_totals : lines of the latter beyond the first of each, and how many amounts there are among them
    total, once : the sum of all lines, and what it would be if those amounts counted once

    lines : order_id and amount, neither of them null
    """
    amount = pl.col("amount")
    orders = lines.group_by("order_id").agg(
        n=pl.len(), low=amount.min(), high=amount.max(), total=amount.cast(pl.Float64).sum()
    )
    is_same = (pl.col("n") > 1) & (pl.col("low") == pl.col("high")) & (pl.col("high") != 0)
    return orders.select(
        n_several=(pl.col("n") > 1).sum(),
        n_same=is_same.sum(),
        n_repeated=(pl.col("n") - 1).filter(is_same).sum(),
        n_totals=pl.col("high").filter(is_same).n_unique(),
        total=pl.col("total").sum(),
        once=pl.when(is_same).then(pl.col("high").cast(pl.Float64)).otherwise("total").sum(),
    )


def same_on_lines(found: dict[str, Any]) -> str:
    """On how many orders the amount is the same on all lines, in words that go on "is"."""
    return f"the same on all lines of {found['n_same']:,} of {found['n_several']:,} orders of several lines"


def may_be_totals(found: dict[str, Any]) -> bool:
    """Whether the amounts, as `amounts_by_order` has them, are probably those of orders."""
    return bool(found["n_several"] >= FEWEST_ORDERS and found["n_same"] >= SAME_AMOUNT * found["n_several"])
