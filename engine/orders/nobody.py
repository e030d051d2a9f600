"""Customer ids that name nobody: none at all, blank text, and the ids that the user says are nobody."""

import re

import polars as pl

from whalecurve.engine.mapping import is_missing
from whalecurve.engine.orders.log import Orders

WHOLE = re.compile(r"[+-]?[0-9]+")


def without_id(orders: Orders) -> pl.Expr:
    """Whether a line has no customer id, or a blank one."""
    return is_missing(pl.col("customer_id"), orders.mapping.roles["customer"].dtype)


def named_nobody(orders: Orders) -> pl.Series | None:
    """The ids that are nobody, in the type of the customer's; None where none of them can be an id.

    Of text the ids are text, letter by letter; of integers those that are whole numbers, whatever their zeros.
    """
    dtype, words = orders.mapping.roles["customer"].dtype, orders.mapping.nobody
    if isinstance(dtype, pl.String | pl.Binary):
        ids = pl.Series("nobody", [word if dtype == pl.String() else word.encode() for word in words], dtype=dtype)
    else:
        whole = [int(word) for word in words if WHOLE.fullmatch(word.strip())]
        wide = pl.Series("nobody", [number for number in whole if abs(number) < 2**127], dtype=pl.Int128)
        ids = wide.cast(dtype, strict=False).drop_nulls()
    return ids if ids.len() else None


def is_named_nobody(orders: Orders) -> pl.Expr | None:
    """Whether a line's customer is one of those that are nobody; None where no line's can be."""
    ids = named_nobody(orders)
    return None if ids is None else pl.col("customer_id").is_in(ids.implode())
