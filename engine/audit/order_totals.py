"""An amount that is the total of the order and stands on each of its lines: it counts once a line."""

import polars as pl

from whalecurve.engine.audit.copies import SAMPLE_LINES, EqualLines
from whalecurve.engine.errors import Message, setting
from whalecurve.engine.orders import Orders

SAME_AMOUNT = 0.9
"""Share of the orders of several lines that have one amount on all of them, from which it is probably the order's."""
FEWEST_ORDERS, FEWEST_TOTALS = 5, 3
"""Orders of several lines, and amounts among them, from which it can be told: where all has one price, it cannot."""
MOSTLY = 0.5


def order_amounts(lines: pl.LazyFrame, n_lines: int) -> pl.LazyFrame:
    """What sales an order has: one row, over all orders, or of a log of very many lines over a share of them.

    Parameters
    ----------
    lines
        Usable lines, with order_id, amount in fixed point and is_return.
    n_lines
        How many there are; of more than `SAMPLE_LINES`, orders are taken by a hash of their ids.
    """
    n_parts = max(1, -(-n_lines // SAMPLE_LINES))
    sales = lines.filter(~pl.col("is_return") & pl.col("order_id").is_not_null())
    if n_parts > 1:
        sales = sales.filter(pl.col("order_id").hash(seed=0) % n_parts == 0)
    amount = pl.col("amount")
    orders = sales.group_by("order_id").agg(
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


def order_totals(amounts: pl.DataFrame, orders: Orders, equal: EqualLines) -> list[Message]:
    """What a reader should be told: one sentence, or none.

    amounts : the row of `order_amounts`; equal : lines that are equal in all, which are copies and no line items
    """
    found = amounts.row(0, named=True)
    is_judged = found["n_several"] >= FEWEST_ORDERS and found["n_totals"] >= FEWEST_TOTALS
    if not is_judged or orders.mapping.order_total or found["n_same"] < SAME_AMOUNT * found["n_several"]:
        return []
    if equal.n_equal >= MOSTLY * found["n_repeated"]:
        return []
    times = f"{found['total'] / found['once']:.1f} x" if found["once"] > 0 else "many times"
    return [
        Message(
            f'amount "{orders.mapping.roles["amount"].mapping}" is the same on all lines of {found["n_same"]:,} of '
            f"{found['n_several']:,} orders of several lines: if it is the total of the order, what was sold counts "
            f"{times} as it should; then give {setting('order_total', True)}, else map the amount of the line"
        )
    ]
