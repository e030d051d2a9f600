"""Totals of a table, one row a customer: those that were added up elsewhere."""

from pathlib import Path

import numpy as np
import polars as pl

from whalecurve.engine.audit import Audit
from whalecurve.engine.orders import Orders
from whalecurve.engine.store.line_batches import bytes_of, ends_and_bytes, integer_keys, is_text
from whalecurve.engine.store.scratch import Scratch
from whalecurve.engine.store.totals_tables import COUNTS, DAYS, MONEY, ROWS, TOTALS_HELD, Added, Blocks, Totals
from whalecurve.kernels.arrays import Int64
from whalecurve.kernels.store import NO_BYTES, NO_NUMBERS


def totals_of_table(
    table: pl.DataFrame, orders: Orders, audit: Audit, value: str, gaps: Int64, aside: Path | None = None
) -> Totals:
    """Totals with the columns of a table.

    Parameters
    ----------
    table
        customer_id, in the order of the ids and of their type in `orders`; Int32 days since 1970, -1 for none; Int64
        counts and money.
    value
        What `year_value` is of.
    """
    scratch = Scratch(aside, TOTALS_HELD, "the customers' totals")
    blocks = Blocks(orders, scratch)
    for start in range(0, table.height, ROWS):
        blocks.add(_added(table[start : start + ROWS], has_text=is_text(orders)))
    blocks.close()
    return Totals(
        orders=orders, audit=audit, blocks=blocks, gaps=gaps, days=None, value=value, refused=None,
        on_close=(scratch.close,),
    )  # fmt: skip


def _added(rows: pl.DataFrame, *, has_text: bool) -> Added:
    ids, key, ends, text = rows["customer_id"], NO_NUMBERS, NO_NUMBERS, NO_BYTES
    if has_text:
        ends, text = ends_and_bytes(bytes_of(ids))
        text, ends, key = text[ends[0] : ends[-1]], ends - ends[0], np.zeros(rows.height, np.int64)
    else:
        key = integer_keys(ids)
    return Added(
        key=key,
        ends=ends,
        text=text,
        days=rows.select(DAYS).to_numpy().astype(np.int32, copy=False),
        counts=rows.select(COUNTS).to_numpy().astype(np.int64, copy=False),
        money=rows.select(MONEY).to_numpy().astype(np.int64, copy=False),
        period=None,
    )
