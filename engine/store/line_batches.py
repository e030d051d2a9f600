"""Order lines as arrays of plain numbers, batch by batch: what the store takes, counted on the way.

Batches of sound columns, without nulls and of usual types, are turned into numbers by kernels. Every other batch
takes the way of `checked_lines`, whose answers are the same.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.mapping import FAULT, is_blank
from whalecurve.engine.money import LIMIT, UNITS
from whalecurve.engine.orders import END_OF_CALENDAR, Orders, checked, day_of, named_nobody
from whalecurve.engine.runtime import little_ahead
from whalecurve.engine.settings import Window
from whalecurve.engine.stages import OnLines
from whalecurve.engine.store.day_counts import DayCounts, LineFlags
from whalecurve.kernels.store import NO_BYTES, NO_NUMBERS, Lines, fixed_point, span

ROWS = 131_072
"""Lines in a batch: a few megabytes of columns."""
HASH, ORDER_HASH, DAY = "__hash", "__order_hash", "__day"


WIDE = (pl.Int128, pl.UInt128)
"""Integers that no word holds: they are kept as bytes that compare alike."""


def _fits_a_word(dtype: pl.DataType) -> bool:
    return dtype.is_integer() and dtype not in WIDE


def is_text(orders: Orders) -> bool:
    """Whether customer ids are kept as bytes: strings, bytes, and integers of 128 bits."""
    return not _fits_a_word(orders.mapping.roles["customer"].dtype)


def line_batches(
    orders: Orders, window: Window, counts: DayCounts | None, on_lines: OnLines | None = None
) -> Iterator[Lines]:
    """The usable lines of the window in the order of the files; `counts` is told of every line, used or not."""
    n_read = 0
    plan = orders.lines.with_columns(
        day_of(orders.mapping.roles["time"].dtype, window.timezone).alias(DAY),
        *([pl.col("customer_id").hash().alias(HASH)] if _is_hashed_by_polars(orders) else []),
        *([pl.col("order_id").hash().alias(ORDER_HASH)] if hashes_orders(orders) else []),
    )
    reader = _Reader(orders, window, counts)
    with little_ahead():
        for batch in plan.collect_batches(chunk_size=ROWS, maintain_order=True, engine="streaming"):
            n_read += batch.height
            if on_lines is not None:
                on_lines(n_read)
            if batch.height:
                yield reader.lines_of(batch)


def _is_hashed_by_polars(orders: Orders) -> bool:
    return isinstance(orders.mapping.roles["customer"].dtype, pl.String | pl.Binary)


def hashes_orders(orders: Orders) -> bool:
    """Whether order ids are kept as hashes of them, as no word holds them."""
    return orders.has_order_id and not _fits_a_word(orders.mapping.roles["order"].dtype)


class _Reader:
    """Turns batches of one log into lines."""

    def __init__(self, orders: Orders, window: Window, counts: DayCounts | None) -> None:
        self._orders, self._window, self._counts = orders, window, counts
        roles = orders.mapping.roles
        self._money = [name for name in ("amount", "margin", "cost") if name in roles]
        self._limit = LIMIT / 2 if "cost" in roles else LIMIT  # no amount less its cost is beyond the limit then
        self._nobody = named_nobody(orders)
        is_simple = orders.mapping.kept is None and not {"return_flag", "refund"} & set(roles)
        self._is_plain = is_simple and all(roles[name].dtype.is_float() for name in self._money)

    def lines_of(self, batch: pl.DataFrame) -> Lines:
        is_sound = self._is_plain and not self._has_nulls(batch) and not _has_faults(batch)
        lines = self._plain(batch) if is_sound else None
        return read_only(lines or self._checked(batch))

    def _has_nulls(self, batch: pl.DataFrame) -> bool:
        needed = ["customer_id", DAY, *self._money, *(["order_id"] if self._orders.has_order_id else [])]
        return any(batch[name].null_count() for name in needed)

    def _plain(self, batch: pl.DataFrame) -> Lines | None:
        """Lines of a batch that is sound throughout; None where it is not."""
        day = batch[DAY].to_numpy()
        if day.dtype != np.int32:
            day = day.astype(np.int32)
        day.flags.writeable = False
        first, last = span(day)
        if first < 0 or last >= END_OF_CALENDAR:
            return None
        money = {}
        for name in self._money:
            money[name] = np.empty(batch.height, dtype=np.int64)
            amounts = batch[name].cast(pl.Float64).to_numpy()
            amounts.flags.writeable = False
            is_sound = fixed_point(amounts, float(UNITS), self._limit, money[name])
            if not is_sound and (name == "amount" or not (np.abs(amounts) <= self._limit).all()):
                return None  # margin and cost may be rounded to zero
        if "cost" in money:
            money["margin"] = money["amount"] - money["cost"]
        ids = batch["customer_id"]
        if is_blank(ids).any() or (self._nobody is not None and ids.is_in(self._nobody.implode()).any()):
            return None
        key, ends, text = self._keys(batch)
        lines = Lines(
            key=key,
            day=day,
            amount=money["amount"],
            margin=money.get("margin", NO_NUMBERS),
            order=self._orders_of(batch),
            order_is_null=NO_BYTES,
            is_return=NO_BYTES,
            ends=ends,
            text=text,
        )
        if self._counts is not None:
            self._counts.add(read_only(lines))
        return self._observed(lines, first, last)

    def _observed(self, lines: Lines, first: int, last: int) -> Lines:
        """The lines within the window, of a batch that spans first to last."""
        start, end = self._bounds()
        if first >= start and last <= end:
            return lines
        return _taken(lines, np.flatnonzero((lines.day >= start) & (lines.day <= end)))

    def _bounds(self) -> tuple[int, int]:
        since, as_of = self._window.since, self._window.as_of
        start = 0 if since is None else int(np.datetime64(since, "D").astype(np.int64))
        return start, END_OF_CALENDAR if as_of is None else int(np.datetime64(as_of, "D").astype(np.int64))

    def _checked(self, batch: pl.DataFrame) -> Lines:
        extra = [pl.col(name) for name in (HASH, ORDER_HASH) if name in batch.columns]
        lines = checked(batch.lazy(), self._orders, self._window)
        table = pl.concat([lines, batch.lazy().select(extra)], how="horizontal").collect() if extra else lines.collect()
        if self._counts is not None:
            self._counts.add_refused(table)
        used = table.filter(pl.col("refusal") == 0)
        key, ends, text = self._keys(used)
        has_orders = self._orders.has_order_id
        lines_used = Lines(
            key=key,
            day=used["day"].to_numpy(writable=True),
            amount=used["amount"].to_numpy(writable=True),
            margin=used["margin"].to_numpy(writable=True) if self._orders.has_margin else NO_NUMBERS,
            order=self._orders_of(used),
            order_is_null=_bytes(used["order_id"].is_null()) if has_orders else NO_BYTES,
            is_return=_bytes(used["is_return"]),
            ends=ends,
            text=text,
        )
        lines_used = read_only(lines_used)
        if self._counts is not None:
            odd = LineFlags(*(used[name].to_numpy() if used[name].any() else None for name in LineFlags._fields))
            self._counts.add(lines_used, odd)
        return self._observed(lines_used, *span(lines_used.day)) if used.height else lines_used

    def _keys(self, batch: pl.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]:
        """Keys as integers that are in the order of the ids, or hashes with the bytes of the ids."""
        if not is_text(self._orders):
            return integer_keys(batch["customer_id"]), NO_NUMBERS, NO_BYTES
        ids = bytes_of(batch["customer_id"])
        hashes = batch[HASH] if HASH in batch.columns else ids.hash()
        ends, text = ends_and_bytes(ids)
        return hashes.to_numpy().view(np.int64), ends, text

    def _orders_of(self, batch: pl.DataFrame) -> NDArray[np.int64]:
        if not self._orders.has_order_id:
            return NO_NUMBERS
        if ORDER_HASH in batch.columns:
            return batch[ORDER_HASH].to_numpy().view(np.int64)
        orders = batch["order_id"]
        return integer_keys(orders.fill_null(0) if orders.null_count() else orders)


def _has_faults(batch: pl.DataFrame) -> bool:
    return FAULT in batch.columns and batch[FAULT].null_count() < batch.height


def integer_keys(ids: pl.Series) -> NDArray[np.int64]:
    """Integers as int64 in the same order."""
    if ids.dtype == pl.UInt64:
        return (ids.to_numpy() ^ np.uint64(1 << 63)).view(np.int64)
    return ids.cast(pl.Int64).to_numpy()


def ids_of(keys: NDArray[np.int64], dtype: pl.DataType) -> pl.Series:
    """The integers that `integer_keys` made keys of."""
    if dtype == pl.UInt64:
        return pl.Series("customer_id", keys.view(np.uint64) ^ np.uint64(1 << 63))
    return pl.Series("customer_id", keys).cast(dtype)


def bytes_of(ids: pl.Series) -> pl.Series:
    """Ids as strings or bytes in the same order: integers of 128 bits as sixteen bytes."""
    if ids.dtype not in WIDE:
        return ids
    least = _LEAST if ids.dtype == pl.Int128 else 0
    return pl.Series("customer_id", [(int(n) - least).to_bytes(16, "big") for n in ids.to_list()], dtype=pl.Binary)


def from_bytes(ids: pl.Series, dtype: pl.DataType) -> pl.Series:
    """The ids that `bytes_of` made bytes of, from Binary."""
    if isinstance(dtype, pl.Binary):
        return ids
    if isinstance(dtype, pl.String):
        return ids.cast(pl.String)
    least = _LEAST if dtype == pl.Int128 else 0
    return pl.Series(ids.name, [int.from_bytes(word, "big") + least for word in ids.to_list()], dtype=dtype)


_LEAST = -(1 << 127)


def ends_and_bytes(ids: pl.Series) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Of n strings or byte strings the n + 1 ends and the bytes between them."""
    array = ids.rechunk().to_arrow()
    if len(array) == 0:
        return np.zeros(1, dtype=np.int64), NO_BYTES
    _, offsets, data = array.buffers()
    ends = np.frombuffer(offsets, dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    text = np.frombuffer(data, dtype=np.uint8) if data is not None and data.size else NO_BYTES
    return ends, text


def _bytes(flags: pl.Series) -> NDArray[np.uint8]:
    return flags.cast(pl.UInt8).to_numpy(writable=True)


def read_only(lines: Lines) -> Lines:
    """The same, all columns of one kind: kernels are compiled for arrays that can be written to, or cannot, apart."""
    views: dict[str, Any] = {name: column.view() for name, column in lines._asdict().items()}
    for view in views.values():
        view.flags.writeable = False
    return Lines(**views)


def _taken(lines: Lines, rows: NDArray[np.intp]) -> Lines:
    """Some of the lines."""
    columns = {
        name: column[rows] if column.size and name not in ("ends", "text") else column
        for name, column in lines._asdict().items()
    }
    if lines.ends.size:
        lengths = (lines.ends[1:] - lines.ends[:-1])[rows]
        ends = np.concatenate([[0], np.cumsum(lengths)])
        pieces = np.repeat(lines.ends[:-1][rows] - ends[:-1], lengths) + np.arange(ends[-1])
        columns |= {"ends": ends, "text": lines.text[pieces]}
    return Lines(**columns)
