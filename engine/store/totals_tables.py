"""Totals of all customers, in the order of their ids, as the stages after the store read them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from whalecurve.engine.audit import Audit
from whalecurve.engine.orders import Orders
from whalecurve.engine.runtime import SeriesByName, lazy_tables
from whalecurve.engine.store.days import Days
from whalecurve.engine.store.line_batches import from_bytes, ids_of
from whalecurve.engine.store.scratch import Array, Kept, Scratch, read_together
from whalecurve.kernels.arrays import Bytes, Int32, Int64

Names = list[str] | None

BLOCK = 32_768
"""Customers that lie together; and those in a table on its way through a query, of which several are under way."""

ROWS = 8 * BLOCK
"""Customers in a table: some tens of megabytes when scored."""

TOTALS_HELD = 4_000_000
"""Bytes of totals, and as many of days, that stay in memory: few, since between them freed memory is not given
back to the system."""

DAYS = ("first_day", "last_day", "second_day")
COUNTS = ("n_purchase_days", "n_orders", "n_lines", "n_return_lines")
VALUES = ("revenue", "margin", "first_revenue", "first_margin", "early_revenue", "early_margin")
"""Net sums: of all days, of what belongs to the first purchase, and of what came before it."""
MONEY = ("sold", "returned", *VALUES, "year_value")
PERIOD_DAYS, PERIOD_COUNTS = ("period_first_day", "period_last_day"), ("period_n_purchase_days",)
PERIOD_MONEY = tuple(f"period_{name}" for name in VALUES)
PERIOD = (*PERIOD_DAYS, *PERIOD_COUNTS, *PERIOD_MONEY)
"""The same, with calendar periods that are over in place of days."""
HELPERS = ("second_day", "year_value", "position", "sold", "returned")
"""Columns that customers carry along for tiers and measures, where a value is told, and that are not written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """Totals of some customers, in the order of their ids.

    key : int64[m], for integer ids; ends : int64[m + 1], text : uint8[...] for ids that are bytes
    days : int32[m, 3]; counts : int64[m, 4]; money : int64[m, 9], as `kernels.store` has them
    period : the same by period, where there is one
    """

    key: Int64
    ends: Int64
    text: Bytes
    days: Int32
    counts: Int64
    money: Int64
    period: tuple[Int32, Int64, Int64] | None

    def columns(self, orders: Orders) -> dict[str, Array]:
        """One array a column; those of margin only where lines carry it."""
        columns: dict[str, Array] = dict(zip(DAYS, self.days.T, strict=True))
        columns |= dict(zip(COUNTS, self.counts.T, strict=True)) | dict(zip(MONEY, self.money.T, strict=True))
        if self.period is not None:
            days, counts, money = self.period
            columns |= dict(zip(PERIOD_DAYS, days.T, strict=False)) | dict(zip(PERIOD_COUNTS, counts.T, strict=False))
            columns |= {f"period_{name}": money[:, MONEY.index(name)] for name in VALUES}
        return {name: column for name, column in columns.items() if orders.has_margin or "margin" not in name}


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """So many customers, column by column."""

    n: int
    columns: dict[str, Kept]


class Blocks:
    """Customers as they come in, in the order of their ids, and as they are read, any number of times."""

    def __init__(self, orders: Orders, scratch: Scratch) -> None:
        """Nobody yet."""
        self._orders, self._scratch = orders, scratch
        self._blocks: list[Block] = []
        self._parts: list[Added] = []
        self._n_waiting = 0

    def __len__(self) -> int:
        """Customers so far."""
        return sum(block.n for block in self._blocks) + self._n_waiting

    def add(self, added: Added) -> None:
        """Take the customers that come next."""
        self._parts.append(added)
        self._n_waiting += added.days.shape[0]
        if self._n_waiting >= BLOCK:
            self._seal(all_of_them=False)

    def close(self) -> None:
        """Nobody comes any more."""
        if self._n_waiting:
            self._seal(all_of_them=True)

    def tables(self, rows: int, columns: Names, dtype: pl.DataType) -> Iterator[pl.DataFrame]:
        """All customers in tables of at most so many; these columns at least."""
        n_blocks, start = max(1, rows // BLOCK), 0
        for at in range(0, len(self._blocks), n_blocks):
            own = self._blocks[at : at + n_blocks]
            tables = [
                self._table(block, columns, dtype, start + sum(b.n for b in own[:i])) for i, block in enumerate(own)
            ]
            start += sum(block.n for block in own)
            yield pl.concat(tables) if len(tables) > 1 else tables[0]

    def _seal(self, *, all_of_them: bool) -> None:
        parts = self._parts
        columns = [part.columns(self._orders) for part in parts]
        joined = {name: np.concatenate([own[name] for own in columns]) for name in columns[0]}
        key = np.concatenate([part.key for part in parts])
        has_text = parts[0].ends.size > 0
        length = np.concatenate([np.diff(part.ends) for part in parts]) if has_text else key
        text = np.concatenate([part.text for part in parts])
        ends = np.concatenate([[0], np.cumsum(length)]) if has_text else key
        n = self._n_waiting
        last = n if all_of_them else n // BLOCK * BLOCK
        for start in range(0, last, BLOCK):
            end = min(start + BLOCK, n)
            own = {name: column[start:end] for name, column in joined.items()}
            if has_text:
                own |= {"ends": ends[start : end + 1] - ends[start], "text": text[ends[start] : ends[end]]}
            else:
                own["key"] = key[start:end]
            kept = {name: self._scratch.put(np.ascontiguousarray(column)) for name, column in own.items()}
            self._blocks.append(Block(n=end - start, columns=kept))
        self._parts, self._n_waiting = [], n - last
        if last < n:
            self._parts = [_from(parts[-1], n - last)]

    def _table(self, block: Block, columns: Names, dtype: pl.DataType, start: int) -> pl.DataFrame:
        wanted = set(columns or []) | {"customer_id"}
        table: list[pl.Series] = []
        if "ends" in block.columns:
            ids = text_ids(block.columns["ends"].read(), block.columns["text"].read())
            table.append(from_bytes(ids, dtype).alias("customer_id"))
        else:
            table.append(ids_of(block.columns["key"].read(), dtype).alias("customer_id"))
        asked = {
            name: kept
            for name, kept in block.columns.items()
            if name not in ("key", "ends", "text") and (columns is None or name in wanted)
        }
        for name, values in read_together(asked).items():
            series = pl.Series(name, values)
            table.append(series.set(series < 0, None) if name in (*DAYS, *PERIOD_DAYS) else series)
        if columns is None or "position" in wanted:
            table.append(pl.Series("position", np.arange(start, start + block.n)))
        return pl.DataFrame(table)


def _from(added: Added, n: int) -> Added:
    """The last n of some customers."""
    ends = added.ends[-n - 1 :] if added.ends.size else added.ends
    return Added(
        key=added.key[-n:],
        ends=ends - ends[0] if ends.size else ends,
        text=added.text[ends[0] :] if ends.size else added.text,
        days=added.days[-n:],
        counts=added.counts[-n:],
        money=added.money[-n:],
        period=None if added.period is None else tuple(columns[-n:] for columns in added.period),  # type: ignore[arg-type]
    )


def text_ids(ends: Int64, text: Bytes) -> pl.Series:
    """Ids that are bytes, Binary: id i is text[ends[i]:ends[i + 1]]."""
    buffers = [None, pa.py_buffer(np.ascontiguousarray(ends)), pa.py_buffer(np.ascontiguousarray(text))]
    ids = pl.from_arrow(pa.Array.from_buffers(pa.large_binary(), ends.size - 1, buffers))
    assert isinstance(ids, pl.Series), "one array makes one series"
    return ids.alias("customer_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Totals of every customer, readable any number of times, sorted by customer.

    gaps : int64[span], how many gaps of d days between purchase days there are
    days : the days of the customers, numbered by their position; None where they are not kept
    value : "margin" or "revenue", of which `year_value` is; None: `HELPERS` are of no use
    refused : the refused lines kept, where a state keeps them
    """

    orders: Orders
    audit: Audit
    blocks: Blocks
    gaps: Int64
    days: Days | None
    value: str | None
    refused: pl.DataFrame | None
    on_close: Sequence[Callable[[], Any]] = field(default=())

    @property
    def n_customers(self) -> int:
        """How many customers there are."""
        return len(self.blocks)

    def tables(self, rows: int = ROWS, columns: Names = None) -> Iterator[pl.DataFrame]:
        """Totals in tables of so many customers at most; these columns at least."""
        return self.blocks.tables(rows, columns, self.orders.mapping.roles["customer"].dtype)

    def lazy(self, columns: SeriesByName | None = None) -> pl.LazyFrame:
        """Totals as a query's source, with more columns beside them, by position in the order of the customers."""
        schema = totals_schema(self.orders, has_period=self.audit.window.period is not None)
        return lazy_tables(lambda names: self.tables(BLOCK, names), schema, columns)

    def close(self) -> None:
        """Remove what was put aside on disk."""
        for close in self.on_close:
            close()


def totals_schema(orders: Orders, *, has_period: bool) -> pl.Schema:
    """The columns of a table of totals."""
    types: dict[str, pl.DataType] = {name: pl.Int32() for name in DAYS}
    types |= {name: pl.Int64() for name in (*COUNTS, *MONEY)}
    if has_period:
        types |= {name: pl.Int32() for name in PERIOD_DAYS}
        types |= {name: pl.Int64() for name in (*PERIOD_COUNTS, *PERIOD_MONEY)}
    kept = {name: dtype for name, dtype in types.items() if orders.has_margin or "margin" not in name}
    return pl.Schema({"customer_id": orders.mapping.roles["customer"].dtype} | kept | {"position": pl.Int64()})
