"""Amounts that are totals of orders and stand on each of their lines: which line of an order keeps its amount.

Every line stays, since it may say what was bought; the amount of all but one is 0. That one is chosen by what the lines
say, never by where they stand, so that neither the order of rows nor that of files changes a sum by any column.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.customer_shares import passes_for, shares_of
from whalecurve.engine.errors import InputError, setting
from whalecurve.engine.mapping.blank_ids import is_missing
from whalecurve.engine.mapping.return_lines import is_return
from whalecurve.engine.money import to_fixed

IS_REPEATED, IS_UNCLEAR = "__repeated", "__unclear"
"""Columns of mapped lines: the amount counts on another line of the order; the order has several amounts, or none."""
AT, IS_BACK, IS_NOBODY = "__at", "__back", "__nobody"

Bits = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLines:
    """Lines by their position among those that the conditions select, a bit each, the lowest of a byte first.

    is_kept : the line keeps the amount of its order; is_unclear : what its order's amount is cannot be told
    """

    is_kept: Bits
    is_unclear: Bits

    def marks(self, at: str, order: pl.Expr) -> list[pl.Expr]:
        """`IS_REPEATED` and `IS_UNCLEAR` of rows whose position is in the column `at`."""
        kept, unclear = (_bit_of(at, bits) for bits in (self.is_kept, self.is_unclear))
        return [(order.is_not_null() & ~kept & ~unclear).alias(IS_REPEATED), unclear.alias(IS_UNCLEAR)]


def check_has_order(*, has_order: bool) -> None:
    """Raise InputError where no order id says which lines are one order."""
    if not has_order:
        raise InputError(
            f"{setting('order_total', True)} needs to know which lines are one order; name its id with "
            f"{setting('order', 'NAME')}"
        )


def kept_lines(lines: pl.LazyFrame, amount: pl.DataType, n_rows: int) -> KeptLines:
    """Find the line of each order that keeps its amount; reads the lines once, or once a share of the orders.

    Sales and returns of an order are two. The line is one with an amount, a customer and a time where there is such;
    of those the one with the greatest refund, then the earliest, then the least in all other columns.

    Parameters
    ----------
    lines
        Mapped lines in file order, with order_id.
    amount
        The type of the amount. Amounts are the same if they are in fixed point.
    n_rows
        About how many lines there are.
    """
    is_back = is_return(has_flag="return_flag" in lines.collect_schema()).fill_null(value=False)
    numbered = lines.with_columns(is_back.alias(IS_BACK)).with_row_index(AT)
    n = int(numbered.select(pl.len()).collect(engine="streaming").item())
    is_kept, is_unclear = (np.zeros(n, dtype=np.bool_) for _ in range(2))
    for share in shares_of(passes_for(n_rows)):
        own = share.of(numbered.filter(pl.col("order_id").is_not_null()), "order_id")
        orders = _orders(own, amount).collect(engine="streaming")
        is_clear = pl.col("low") == pl.col("high")
        is_kept[orders.filter(is_clear)[AT].to_numpy()] = True
        unclear = orders.filter(is_clear.not_() | is_clear.is_null()).select("order_id", IS_BACK)
        if unclear.height:
            theirs = own.join(unclear.lazy(), on=["order_id", IS_BACK], how="semi").select(AT)
            is_unclear[theirs.collect(engine="streaming")[AT].to_numpy()] = True
    return KeptLines(is_kept=_packed(is_kept), is_unclear=_packed(is_unclear))


def _orders(lines: pl.LazyFrame, amount: pl.DataType) -> pl.LazyFrame:
    """A row an order: the least and greatest amount, and the position of the line that keeps it."""
    schema = lines.collect_schema()
    refund = [-pl.col("refund").cast(pl.Float64).abs().fill_null(0.0)] if "refund" in schema else []
    others = [name for name in schema if name not in (AT, IS_BACK, "order_id", "time", "customer_id")]
    rank = pl.struct(
        pl.col("amount").is_null().alias("0"),
        pl.col(IS_NOBODY).alias("1"),
        pl.col("time").is_null().alias("2"),
        *(less.alias("3") for less in refund),
        "time",
        "customer_id",
        *(pl.col(name) for name in sorted(others)),
    )
    units = to_fixed(pl.col("amount"), amount)
    lines = lines.with_columns(is_missing(pl.col("customer_id"), schema["customer_id"]).alias(IS_NOBODY))
    return lines.group_by("order_id", IS_BACK).agg(pl.col(AT).min_by(rank), low=units.min(), high=units.max())


def _packed(marks: NDArray[np.bool_]) -> Bits:
    return np.append(np.packbits(marks, bitorder="little"), np.uint8(0))  # never empty


def _bit_of(at: str, bits: Bits) -> pl.Expr:
    def look_up(positions: pl.Series) -> pl.Series:
        where = positions.to_numpy()
        return pl.Series(positions.name, (bits[where >> 3] >> (where & 7).astype(np.uint8)) & 1 == 1)

    return pl.col(at).map_batches(look_up, return_dtype=pl.Boolean(), is_elementwise=True)
