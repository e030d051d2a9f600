"""An amount that is the total of the order and stands on each of its lines: it counts once a line."""

import polars as pl

from whalecurve.engine.audit.copies import SAMPLE_LINES, EqualLines
from whalecurve.engine.errors import Message, setting
from whalecurve.engine.exports import amounts_by_order, may_be_totals
from whalecurve.engine.orders import Orders

FEWEST_TOTALS = 3
"""Amounts among them from which it can be told: where all has one price, it cannot."""
MOSTLY = 0.5


def order_amounts(lines: pl.LazyFrame, n_lines: int) -> pl.LazyFrame:
    """What sales have as amounts, as `amounts_by_order` says it; of a log of very many lines, those of some orders.

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
    return amounts_by_order(sales)


def order_totals(amounts: pl.DataFrame, orders: Orders, equal: EqualLines) -> list[Message]:
    """What a reader should be told: one sentence, or none.

    amounts : the row of `order_amounts`; equal : lines that are equal in all, which are copies and no line items
    """
    found = amounts.row(0, named=True)
    if orders.mapping.order_total or found["n_totals"] < FEWEST_TOTALS or not may_be_totals(found):
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
