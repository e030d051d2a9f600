"""Which mapped lines are returns: those that a flag marks, and those with a negative amount, whatever their flag."""

import polars as pl

IS_NEGATIVE = pl.col("amount") < 0
"""Null where there is no amount."""


def is_marked(*, has_flag: bool) -> pl.Expr:
    """Whether the line's flag, or where none is mapped its amount, says that it is a return."""
    return pl.col("return_flag").fill_null(value=False) if has_flag else IS_NEGATIVE


def is_return(*, has_flag: bool) -> pl.Expr:
    """Whether the line is a return; null where there is neither an amount nor a mark."""
    return is_marked(has_flag=has_flag) | IS_NEGATIVE
