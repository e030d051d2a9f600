"""The store: order lines in any order, scattered into partitions by ranges of the customer id."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl

from whalecurve.engine.orders import Orders
from whalecurve.engine.store.line_batches import is_text, read_only
from whalecurve.engine.store.scratch import Array, Kept, Scratch
from whalecurve.engine.store.splitting import ids_of_lines, integer_splitters, text_splitters
from whalecurve.kernels.arrays import Bytes, Int64
from whalecurve.kernels.store import (
    CENTS,
    IS_RETURN,
    IS_UNNAMED,
    NO_BYTES,
    NO_NUMBERS,
    Lines,
    Splitters,
    Wide,
    collect,
    collect_narrow,
    extent,
    flag_returns,
    parts_of,
    scatter,
)

LINES_OF_PART = 49_152
"""Lines that a partition is meant to have: they are sorted and scanned within a processor's own cache."""

MOST_PARTS = 8_192
"""Partitions at most: each has 128 of `PIECE_LINES` then, and a line's partition fits into 16 bits."""

PIECE_LINES, PIECE_BYTES = 1 << 20, 64_000_000
"""Lines, and bytes of ids, that are scattered together: then a partition's share of them is worth a read."""

GROUP_LINES = 1 << 19
"""Lines of neighbouring partitions that are collected together."""

SPLIT_LINES = 1 << 22
"""Lines of a partition from which it is divided once more, unless they are one customer's."""

SAMPLE = 32
"""Customers that partitions are judged by, for each partition."""

SAMPLE_OF_PART = 65_536
"""Customers that a partition to be divided is judged by."""

NARROW = 1 << 32
"""Numbers that 32 bits tell apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some lines, scattered: column by column, those of partition p from bounds[p] to bounds[p + 1].

    text_bounds : of the bytes of ids; bases : what was taken off narrow columns
    """

    bounds: Int64
    text_bounds: Int64
    columns: dict[str, Kept]
    bases: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Lines of neighbouring partitions, partition by partition; `columns` has `kind` in place of flags.

    bounds : int64[partitions + 1], where the lines of each begin
    """

    bounds: Int64
    columns: "Collected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """Columns of lines, as `kernels.store` has them; `kind` in place of flags."""

    key: Int64
    day: Array
    amount: Int64
    margin: Int64
    order: Int64
    kind: Array
    n_lines: Array
    ends: Int64
    text: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Which columns the lines have: margin, order ids, counts of lines added up before, ids that are bytes."""

    has_margin: bool
    has_order: bool
    has_counts: bool
    has_text: bool

    @classmethod
    def of(cls, orders: Orders, *, has_counts: bool) -> Self:
        """That of the lines of a log."""
        return cls(
            has_margin=orders.has_margin,
            has_order=orders.has_order_id,
            has_counts=has_counts,
            has_text=is_text(orders),
        )


class Store:
    """Lines as they come in, and partitions of them as they go out."""

    def __init__(self, shape: Shape, scratch: Scratch, n_lines: int, n_threads: int) -> None:
        """Room for about so many lines."""
        self._shape, self._scratch = shape, scratch
        self._n_parts = max(1, min(MOST_PARTS, n_lines // LINES_OF_PART))
        self._splitters: Splitters | None = None
        self._sample: Int64 | pl.Series | None = None
        self._waiting: list[Lines] = []
        self._n_waiting, self._bytes_waiting = 0, 0
        self._pieces: list[Piece] = []
        self._pool = ThreadPoolExecutor(max_workers=n_threads)
        self._under_way: list[Future[Piece]] = []
        self._most_under_way = n_threads

    def judge_by(self, sample: Int64 | pl.Series) -> None:
        """Take customers from all over the log, integers or Binary ids, to find ranges of equal size."""
        self._sample = sample

    def add(self, lines: Lines) -> None:
        """Take some lines, which must not change any more."""
        if lines.day.size == 0:
            return
        self._waiting.append(lines)
        self._n_waiting += lines.day.size
        self._bytes_waiting += lines.text.size
        if self._n_waiting >= PIECE_LINES or self._bytes_waiting >= PIECE_BYTES:
            self._flush()

    def close(self) -> None:
        """Scatter what is left; no more lines come."""
        self._flush()
        self._collect_pieces(0)
        self._pool.shutdown()

    @property
    def has_lines(self) -> bool:
        """Whether there is anything in it."""
        return bool(self._pieces)

    @property
    def n_of_part(self) -> Int64:
        """Lines of each partition."""
        return sum((np.diff(piece.bounds) for piece in self._pieces), np.zeros(self.n_parts, dtype=np.int64))

    @property
    def n_parts(self) -> int:
        """How many partitions there are."""
        return 1 if self._splitters is None else self._splitters.key.size + 1

    def groups(self) -> Iterator[tuple[int, int]]:
        """Ranges of partitions to collect together, in the order of the ids."""
        n_of_part, start, n = self.n_of_part, 0, 0
        for part in range(n_of_part.size):
            if part > start and n + n_of_part[part] > GROUP_LINES:
                yield start, part
                start, n = part, 0
            n += int(n_of_part[part])
        yield start, int(n_of_part.size)

    def divided(self, part: int, scratch: Scratch) -> "Store":
        """A store of its own for the lines of one partition that is too large."""
        n_lines = int(self.n_of_part[part])
        own = Store(self._shape, scratch, n_lines, 1)
        samples = [
            ids_of_lines([self._lines_of(piece, part)], max(1, n_lines // SAMPLE_OF_PART)) for piece in self._pieces
        ]
        texts = [sample for sample in samples if isinstance(sample, pl.Series)]
        own.judge_by(pl.concat(texts) if texts else np.concatenate(samples))
        for piece in self._pieces:
            own.add(self._lines_of(piece, part))
        own.close()
        return own

    def _lines_of(self, piece: Piece, part: int) -> Lines:
        columns = self._collected([piece], part, part + 1).columns
        return read_only(
            Lines(
                key=columns.key,
                day=columns.day,
                amount=columns.amount,
                margin=columns.margin,
                order=columns.order,
                order_is_null=flags_of(columns.kind, IS_UNNAMED) if self._shape.has_order else NO_BYTES,
                is_return=flags_of(columns.kind, IS_RETURN),
                ends=columns.ends,
                text=columns.text,
                n_lines=columns.n_lines,
            )
        )

    def collected(self, start: int, end: int) -> Gathered:
        """The lines of the partitions start to end."""
        return self._collected(self._pieces, start, end)

    def _collected(self, pieces: list[Piece], start: int, end: int) -> Gathered:
        shape = self._shape
        counts = np.stack([np.diff(piece.bounds[start : end + 1]) for piece in pieces])  # of piece and partition
        bounds = np.concatenate([[0], np.cumsum(counts.sum(axis=0))])
        places = bounds[:-1] + np.cumsum(counts, axis=0) - counts
        n = int(bounds[-1])

        def column(name: str, dtype: type[np.generic] = np.int64, *, is_there: bool = True) -> Array:
            into = np.empty(n if is_there else 0, dtype=dtype)
            for piece, to in zip(pieces if is_there else (), places, strict=False):
                _collect(piece, name, start, end, to, into)
            return into

        amount, kind = column("amount"), np.empty(n, dtype=np.uint8)
        for piece, to, own in zip(pieces, places, counts, strict=True):
            if "kind" in piece.columns:
                _collect(piece, "kind", start, end, to, kind)
            else:
                flag_returns(amount, own, to, kind)
        ends, text = NO_NUMBERS, NO_BYTES
        if shape.has_text:
            ends = np.concatenate([[0], np.cumsum(column("length", np.int32), dtype=np.int64)])
            text = np.empty(int(ends[-1]), dtype=np.uint8)
            for piece, to in zip(pieces, places, strict=True):
                _copy(piece.columns["text"], piece.text_bounds[start : end + 1], ends[to], text)
        columns = Collected(
            key=column("key"),
            day=column("day", np.int32),
            amount=amount,
            margin=column("margin", is_there=shape.has_margin),
            order=column("order", is_there=shape.has_order),
            kind=kind,
            n_lines=column("n_lines", np.int32, is_there=shape.has_counts),
            ends=ends,
            text=text,
        )
        return Gathered(bounds=bounds, columns=columns)

    def _flush(self) -> None:
        if not self._waiting:
            return
        batches, self._waiting = self._waiting, []
        n, self._n_waiting, self._bytes_waiting = self._n_waiting, 0, 0
        if self._splitters is None:
            self._splitters = self._split(batches, n)
        self._collect_pieces(self._most_under_way - 1)
        self._under_way.append(self._pool.submit(self._piece, batches, n))

    def _collect_pieces(self, most: int) -> None:
        while len(self._under_way) > most:
            self._pieces.append(self._under_way.pop(0).result())

    def _split(self, batches: list[Lines], n: int) -> Splitters:
        wanted = SAMPLE * self._n_parts
        own = ids_of_lines(batches, max(1, n // wanted))
        if isinstance(own, pl.Series):
            sample = own if not isinstance(self._sample, pl.Series) else pl.concat([own, self._sample])
            return text_splitters(sample, self._n_parts)
        more = self._sample if isinstance(self._sample, np.ndarray) else NO_NUMBERS
        return integer_splitters(np.concatenate([own, more]), self._n_parts)

    def _piece(self, batches: list[Lines], n: int) -> Piece:
        """Scatter some batches of lines; on a thread of its own."""
        assert self._splitters is not None, "set with the first lines"
        n_parts = self.n_parts
        n_of_part, bytes_of_part = np.zeros(n_parts, dtype=np.int64), np.zeros(n_parts, dtype=np.int64)
        parts = [np.empty(lines.day.size, dtype=np.uint16) for lines in batches]
        for lines, own in zip(batches, parts, strict=True):
            parts_of(lines, self._splitters, own, n_of_part, bytes_of_part)
        bounds = np.concatenate([[0], np.cumsum(n_of_part)])
        text_bounds = np.concatenate([[0], np.cumsum(bytes_of_part)])
        columns, bases = self._room(batches, n, int(text_bounds[-1]))
        next_line, next_byte = bounds[:-1].copy(), text_bounds[:-1].copy()
        into = Wide(**{name: columns.get(name, empty) for name, empty in _NOTHING.items()})
        for lines, own in zip(batches, parts, strict=True):
            scatter(
                lines, own, next_line, next_byte,
                bases.get("key", 0), bases.get("amount", 0), bases.get("margin", 0), into,
            )  # fmt: skip
        kept = {name: self._scratch.put(column) for name, column in columns.items()}
        return Piece(bounds=bounds, text_bounds=text_bounds, columns=kept, bases=bases)

    def _room(self, batches: list[Lines], n: int, n_bytes: int) -> tuple[dict[str, Array], dict[str, int]]:
        """Room for the columns of so many lines, narrow where their values allow, and what is taken off those."""
        shape, bases = self._shape, dict[str, int]()
        columns: dict[str, Array] = {"day": np.empty(n, dtype=np.int32)}
        for name in ("key", "amount", *(["margin"] if shape.has_margin else [])):
            base = None if name == "key" and shape.has_text else _base_of([getattr(b, name) for b in batches], name)
            if base is None:
                columns[name] = np.empty(n, dtype=np.int64)
            else:
                columns[f"{name}_narrow"], bases[name] = np.empty(n, dtype=np.uint32), base
        if shape.has_order:
            columns["order"] = np.empty(n, dtype=np.int64)
        if any(lines.is_return.size or lines.order_is_null.size for lines in batches):
            columns["kind"] = np.empty(n, dtype=np.uint8)
        if shape.has_counts:
            columns["n_lines"] = np.empty(n, dtype=np.int32)
        if shape.has_text:
            columns |= {"length": np.empty(n, dtype=np.int32), "text": np.empty(n_bytes, dtype=np.uint8)}
        return columns, bases


_WIDE: dict[str, type[np.generic]] = {
    "key": np.int64, "day": np.int32, "amount": np.int64, "margin": np.int64, "order": np.int64, "kind": np.uint8,
    "n_lines": np.int32, "length": np.int32, "text": np.uint8,
    "key_narrow": np.uint32, "amount_narrow": np.uint32, "margin_narrow": np.uint32,
}  # fmt: skip
_NOTHING = {name: np.empty(0, dtype=kind) for name, kind in _WIDE.items()}
"""Columns that are not there; none of the kernels' own, which are read-only beside lines that are."""


def flags_of(kind: Bytes, flag: int) -> Bytes:
    """Whether rows of these kinds have a flag, as 0 or 1."""
    flags: Bytes = (kind & flag != 0).view(np.uint8)
    return flags


def _base_of(columns: list[Int64], name: str) -> int | None:
    """What to take off so that numbers fit into 32 bits, money in whole cents; None where they do not."""
    extents = [extent(column) for column in columns]
    least, most = min(low for low, _, _ in extents), max(high for _, high, _ in extents)
    unit = 1 if name == "key" else CENTS
    if unit > 1 and not all(is_whole for _, _, is_whole in extents):
        return None
    return least if (most - least) // unit < NARROW else None


def _collect(piece: Piece, name: str, start: int, end: int, to: Int64, into: Array) -> None:
    """Copy the part of a column that belongs to the partitions start to end, each to its place."""
    own = piece.bounds[start : end + 1]
    if name in piece.bases:
        column = piece.columns[f"{name}_narrow"].read(int(own[0]), int(own[-1]))
        collect_narrow(column, own - own[0], to, piece.bases[name], 1 if name == "key" else CENTS, into)
    else:
        _copy(piece.columns[name], own, to, into)


def _copy(column: Kept, bounds: Int64, to: Int64, into: Array) -> None:
    collect(column.read(int(bounds[0]), int(bounds[-1])), bounds - bounds[0], to, into)
