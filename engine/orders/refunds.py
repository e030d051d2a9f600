"""What was given back of a line, where the line itself says it."""

import polars as pl

from whalecurve.engine.money import LIMIT, to_fixed
from whalecurve.engine.orders.log import Orders


def refunded(orders: Orders) -> pl.Expr | None:
    """What was given back of a line, fixed-point and never negative, whatever sign it has; None where none says it."""
    if "refund" not in orders.mapping.roles:
        return None
    return to_fixed(pl.col("refund"), orders.mapping.roles["refund"].dtype).abs().fill_null(0)


def leaves_too_much() -> pl.Expr:
    """Whether amount and refund of a line are beyond what money can be, once one is taken off the other."""
    size = pl.col("amount").cast(pl.Float64).abs() + pl.col("refund").cast(pl.Float64).abs()
    return (size > LIMIT).fill_null(value=False)


def is_all_given_back(amount: pl.Expr, refund: pl.Expr) -> pl.Expr:
    """Whether nothing is left of a line, in fixed-point units: it is a return then, and no purchase."""
    return ((refund > 0) & (amount <= refund)).fill_null(value=False)
