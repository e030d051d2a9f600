"""Customers' totals in runs, each sorted by customer, that are read as one sorted sequence of tables.

A run is a part of the ledger, a table of the order-free plan, or several of them put aside in files. Where the tables
begin and end follows from the customers alone, not from how they were divided into runs.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from whalecurve.engine.ledger.day_log import LookedBack
from whalecurve.engine.ledger.line_batches import ids_of
from whalecurve.engine.orders import Orders
from whalecurve.kernels.arrays import Int64
from whalecurve.kernels.compiler.cpus import cpus
from whalecurve.kernels.ledger import KEY, totals
from whalecurve.kernels.measures import PLACE_BITS

Key = int | bytes
Names = list[str] | None

BATCH = 65_536
"""Customers in a batch of a run in files."""

WRITERS = 4
"""Batches that are put together and written at once, at most."""

ROWS = 262_144
"""Customers in a table: some tens of megabytes when scored."""

DAYS = ("first_day", "last_day")
COUNTS = ("n_purchase_days", "n_orders", "n_lines", "n_return_lines")
MONEY = ("sold", "returned", "revenue", "margin", "first_day_revenue", "first_day_margin")
LOOKED_BACK = {
    "second_day": pl.Int32(),
    "year_value": pl.Int64(),
    "recent_value": pl.Int64(),
    "earlier_value": pl.Int64(),
    "place": pl.Int64(),
}
"""What a day log adds: the second purchase day; net value of the last year, of the last 90 days and of the 90 before
those; and where the customer's days are, the number of the log and his number in it."""
HELPERS = (*LOOKED_BACK, "sold", "returned")
"""Columns that customers carry along for tiers and measures, where days are logged, and that are not written."""


class Run(Protocol):
    """Customers sorted by id, each once, and in no other run."""

    def __len__(self) -> int:
        """Customers in it."""
        ...

    def key(self, i: int) -> Key:
        """What the i-th customer is sorted by: an integer or bytes, the same in all runs of a log."""
        ...

    def table(self, start: int, end: int, columns: Names = None) -> pl.DataFrame:
        """Totals of the customers start to end, as `exact.customer_totals` has them; these columns of them at least."""
        ...


def sorted_tables(runs: Sequence[Run], rows: int = ROWS, columns: Names = None) -> Iterator[pl.DataFrame]:
    """All customers of all runs, sorted by id, in tables of so many; these columns of them at least, None: all."""
    runs = [run for run in runs if len(run)]
    if not runs:
        return
    if len(runs) == 1:
        for start in range(0, len(runs[0]), rows):
            yield runs[0].table(start, min(start + rows, len(runs[0])), columns)
        return
    needed = None if columns is None else ["customer_id", *(name for name in columns if name != "customer_id")]
    for starts, ends in _bounds(runs, rows):
        yield _merged(runs, starts, ends, needed)


def _bounds(runs: Sequence[Run], rows: int) -> Iterator[tuple[list[int], list[int]]]:
    """Where in each run the tables of so many customers begin and end."""
    starts = [0] * len(runs)
    for _ in range(0, sum(map(len, runs)), rows):
        ends = _after(runs, starts, rows)
        yield starts, ends
        starts = ends


def _merged(runs: Sequence[Run], starts: Sequence[int], ends: Sequence[int], columns: Names = None) -> pl.DataFrame:
    """A piece of each run as one sorted table; `columns`, customer_id among them, or None for all."""
    parts = [run.table(a, b, columns) for run, a, b in zip(runs, starts, ends, strict=True) if b > a]
    alike = parts if columns is None else [part.select(columns) for part in parts]
    return pl.concat(alike).sort("customer_id") if len(alike) > 1 else alike[0]


def _after(runs: Sequence[Run], starts: list[int], n: int) -> list[int]:
    """Where in each run the customers begin that come after the next n of all runs."""
    low, high = list(starts), [min(len(run), start + n) for run, start in zip(runs, starts, strict=True)]
    n = min(sum(starts) + n, sum(map(len, runs)))
    while True:
        widest = max(range(len(runs)), key=lambda i: high[i] - low[i])
        middle = (low[widest] + high[widest]) // 2
        if low[widest] == high[widest]:
            return low
        key = runs[widest].key(middle)
        before = [bisect_left(_Keys(run), key, a, b) for run, a, b in zip(runs, low, high, strict=True)]
        if sum(before) < n:
            low = before
            low[widest] += 1
        else:
            high = before


class _Keys(Sequence[Any]):
    """The keys of a run as a sequence that can be searched."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def __len__(self) -> int:
        return len(self._run)

    def __getitem__(self, i: Any) -> Any:  # noqa: ANN401 - slices too, as of any sequence
        return self._run.key(i)


class TableRun:
    """A table of totals, sorted by customer."""

    def __init__(self, table: pl.DataFrame) -> None:
        """Take a table in any order."""
        self._table = table.sort("customer_id")

    def __len__(self) -> int:
        """Customers in it."""
        return self._table.height

    def key(self, i: int) -> Key:
        """The i-th customer id as it compares."""
        return key_of(self._table["customer_id"], i)

    def table(self, start: int, end: int, columns: Names = None) -> pl.DataFrame:
        """Totals of the customers start to end."""
        return self._table[start:end] if columns is None else self._table[start:end].select(columns)


class FileRun:
    """Runs put aside in files as one, of which one batch at a time is in memory, and of that the columns asked for."""

    def __init__(self, runs: Sequence[Run], folder: Path) -> None:
        """Write runs in memory to a new folder, a file for each batch: Polars' own format has every type of id."""
        self._length, self._folder = sum(map(len, runs)), folder
        self._held: tuple[int, Names] = (-1, None)
        self._batch = pl.DataFrame()
        folder.mkdir()
        with ThreadPoolExecutor(max_workers=min(cpus(), WRITERS)) as pool:

            def put_aside(at: int, starts: list[int], ends: list[int]) -> None:
                _merged(runs, starts, ends).write_ipc(folder / f"{at}.arrow")

            written = [pool.submit(put_aside, at, *bounds) for at, bounds in enumerate(_bounds(runs, BATCH))]
            for one in written:
                one.result()

    def __len__(self) -> int:
        """Customers in it."""
        return self._length

    def key(self, i: int) -> Key:
        """The i-th customer id as it compares."""
        return key_of(self._read(i // BATCH, ["customer_id"])["customer_id"], i % BATCH)

    def table(self, start: int, end: int, columns: Names = None) -> pl.DataFrame:
        """Totals of the customers start to end."""
        first, last = start // BATCH, (end - 1) // BATCH
        tables = [
            self._read(at, columns)[max(start - at * BATCH, 0) : end - at * BATCH]
            for at in range(first, max(last, first) + 1)
        ]
        return pl.concat(tables) if len(tables) > 1 else tables[0]

    def _read(self, at: int, columns: Names) -> pl.DataFrame:
        if self._held != (at, columns):
            self._held, self._batch = (at, columns), pl.read_ipc(self._folder / f"{at}.arrow", columns=columns)
        return self._batch


def key_of(ids: pl.Series, i: int) -> Key:
    """An id as it compares: as the ledger's keys do."""
    key = ids[i]
    if isinstance(key, str):
        return key.encode()
    if isinstance(key, bytes):
        return key
    return int(key) - (1 << 63) if ids.dtype == pl.UInt64 else int(key)


class LedgerRun:
    """Rows of a ledger in the order of the ids."""

    def __init__(
        self,
        hot: Int64,
        cold: Int64,
        text: Int64,
        rows: NDArray[np.integer[Any]],
        orders: Orders,
        days: tuple[int, LookedBack, str] | None = None,
    ) -> None:
        """Rows of a ledger, sorted by id; `days`: the number of its day log, what was found in it, of which value."""
        self._hot, self._cold, self._text, self._rows, self._orders = hot, cold, text, rows, orders
        self._days = days

    def __len__(self) -> int:
        """Customers in it."""
        return int(self._rows.size)

    def key(self, i: int) -> Key:
        """The i-th id as it compares."""
        key = int(self._hot[self._rows[i], KEY])
        return self._id_bytes(key) if self._text.size else key

    def table(self, start: int, end: int, columns: Names = None) -> pl.DataFrame:
        """Totals of the customers start to end; all columns, as they come from one row."""
        rows = self._rows[start:end].astype(np.int64)
        days, counts, money = totals(self._hot, self._cold, rows)
        table = totals_table(ids_at(self._hot, self._text, rows, self._orders), days, counts, money, self._orders)
        if self._days is None:
            return table
        number, found, value = self._days
        spent = found.columns(rows, money[:, MONEY.index(value)])
        return table.with_columns(*spent, pl.Series("place", place_of(number, rows)))

    def _id_bytes(self, record: int) -> bytes:
        length = int(self._text[record + 1])
        return np.ascontiguousarray(self._text[record + 2 : record + 2 + -(-length // 8)]).tobytes()[:length]


def ids_at(hot: Int64, text: Int64, rows: Int64, orders: Orders) -> pl.Series:
    """The customer ids of some rows of a ledger."""
    dtype, keys = orders.mapping.roles["customer"].dtype, hot[rows, KEY]
    return text_ids(text, keys, dtype) if text.size else ids_of(keys, dtype)


def text_ids(text: Int64, records: Int64, dtype: pl.DataType) -> pl.Series:
    """Ids that begin at the given words of a ledger's text."""
    lengths = text[records + 1]
    ends = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)])
    pieces = np.repeat(8 * (records + 2) - ends[:-1], lengths) + np.arange(ends[-1])
    data = text.view(np.uint8)[pieces]
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(data)]
    kind = pa.large_string() if isinstance(dtype, pl.String) else pa.large_binary()
    ids = pl.from_arrow(pa.Array.from_buffers(kind, records.size, buffers))
    assert isinstance(ids, pl.Series), "one array makes one series"
    return ids.alias("customer_id")


def place_of(number: int, rows: Int64) -> Int64:
    """Where in the log of that number the days of customers are."""
    return (number << PLACE_BITS) | rows


def totals_schema(orders: Orders, *, has_log: bool = False) -> pl.Schema:
    """The columns of a table of totals; those of a day log too, where one was kept."""
    types: dict[str, pl.DataType] = {name: pl.Int32() for name in DAYS}
    types |= {name: pl.Int64() for name in (*COUNTS, *MONEY)}
    kept = {name: dtype for name, dtype in types.items() if orders.has_margin or "margin" not in name}
    more: dict[str, pl.DataType] = {**LOOKED_BACK} if has_log else {}
    return pl.Schema({"customer_id": orders.mapping.roles["customer"].dtype} | kept | more)


def totals_table(ids: pl.Series, days: NDArray[np.int32], counts: Int64, money: Int64, orders: Orders) -> pl.DataFrame:
    """What the kernel `totals` gives, as the columns of `exact.customer_totals`."""
    columns = [ids.alias("customer_id")]
    columns += [pl.Series(name, np.ascontiguousarray(days[:, i])) for i, name in enumerate(DAYS)]
    if not orders.has_order_id:
        counts[:, COUNTS.index("n_orders")] = counts[:, COUNTS.index("n_purchase_days")]
    columns += [pl.Series(name, np.ascontiguousarray(counts[:, i])) for i, name in enumerate(COUNTS)]
    columns += [
        pl.Series(name, np.ascontiguousarray(money[:, i]))
        for i, name in enumerate(MONEY)
        if orders.has_margin or "margin" not in name
    ]
    has_day = pl.col("first_day") >= 0
    return pl.DataFrame(columns).with_columns(pl.when(has_day).then(pl.col(name)).alias(name) for name in DAYS)
