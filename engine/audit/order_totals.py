"""An amount that is the total of the order and stands on each of its lines: it counts once a line."""

import polars as pl

from whalecurve.engine.audit.copies import EqualLines
from whalecurve.engine.audit.samples import sample_of_lines
from whalecurve.engine.errors import Message, setting
from whalecurve.engine.orders import Orders
from whalecurve.engine.shop_exports import amounts_by_order, may_be_totals, same_on_lines

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
        How many there are; of very many, orders are taken by a hash of their ids.
    """
    sales = lines.filter(~pl.col("is_return") & pl.col("order_id").is_not_null())
    return amounts_by_order(sample_of_lines(n_lines).of(sales, "order_id"))


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
            f'amount "{orders.mapping.roles["amount"].mapping}" is {same_on_lines(found)}: if it is the total of the '
            f"order, what was sold counts {times} as it should; then give {setting('order_total', True)}, else map the "
            f"amount of the line"
        )
    ]
