"""Order lines scattered into partitions by ranges of the customer id, and partitions collected from many pieces."""

from typing import Any, NamedTuple

import numpy as np
from numpy import int64, uint32, uint64
from numpy.typing import NDArray

from whalecurve.kernels.arrays import Bytes, Int32, Int64
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.store.columns import IS_RETURN, IS_UNNAMED, Lines

Parts = NDArray[np.uint16]
Narrow = NDArray[np.uint32]
Column = NDArray[Any]

WORD_BYTES = 8
"""Bytes of an id that are compared at once."""

CENTS = 10_000
"""Amounts are mostly whole cents: so many of the smallest units make one."""

NO_NARROW: Narrow = np.empty(0, dtype=np.uint32)


class Splitters(NamedTuple):
    """The ids at which partitions begin: partition p holds the ids from splitter p - 1 on, below splitter p.

    key : int64[partitions - 1], ascending; for ids that are bytes eight bytes of each, after `prefix`, as they compare
    table : int32[buckets + 1], for integers: the partition of the first id of each bucket, 2 ** shift ids from `low` on
    ends : int64[partitions], text : uint8[...], the ids themselves, where they are bytes
    prefix : uint8[...], with which all of them begin
    """

    key: Int64
    table: Int32
    low: int
    shift: int
    ends: Int64
    text: Bytes
    prefix: Bytes


class Wide(NamedTuple):
    """Room for n scattered lines; a column is in its narrow form, in its wide one, or not there at all."""

    key: Int64
    day: Int32
    amount: Int64
    margin: Int64
    order: Int64
    kind: Bytes
    n_lines: Int32
    length: Int32
    text: Bytes
    key_narrow: Narrow
    amount_narrow: Narrow
    margin_narrow: Narrow


@scalar
def extent(values: Int64) -> tuple[int, int, bool]:
    """Least and largest of at least one number, and whether all are whole cents."""
    least, most, rest = values[0], values[0], int64(0)
    for i in range(values.shape[0]):
        least, most = min(least, values[i]), max(most, values[i])
        rest |= values[i] % CENTS
    return least, most, rest == 0


@scalar
def word_of(text: Bytes, start: int, end: int) -> np.int64:
    """Up to eight bytes of text[start:end], filled up with zeros, as an integer that compares as they do."""
    word = uint64(0)
    for i in range(WORD_BYTES):
        word = (word << uint64(8)) | (uint64(text[start + i]) if start + i < end else uint64(0))
    return int64(word ^ uint64(1 << 63))


@scalar
def compared(a: Bytes, a_start: int, a_end: int, b: Bytes, b_start: int, b_end: int) -> np.int64 | int:
    """Below, equal to or above 0, as the bytes of one id are to those of another."""
    for i in range(min(a_end - a_start, b_end - b_start)):
        if a[a_start + i] != b[b_start + i]:
            return int64(a[a_start + i]) - int64(b[b_start + i])
    return (a_end - a_start) - (b_end - b_start)


@scalar
def buckets_of(key: Int64, low: int, shift: int, table: Int32) -> None:
    """Fill the table of `Splitters`: how many splitters are not above the first id of each bucket."""
    at = 0
    for bucket in range(table.shape[0]):
        first = low + (bucket << shift)
        while at < key.shape[0] and key[at] <= first:
            at += 1
        table[bucket] = at


@scalar
def parts_of(lines: Lines, splitters: Splitters, parts: Parts, n_of_part: Int64, bytes_of_part: Int64) -> None:
    """Find the partition of each of n lines.

    Parameters
    ----------
    parts : uint16[n], set
    n_of_part, bytes_of_part : int64[partitions], lines and bytes of ids, added to
    """
    if lines.ends.shape[0] == 0:
        _parts_of_integers(lines.key, splitters, parts, n_of_part)
    else:
        _parts_of_texts(lines, splitters, parts, n_of_part, bytes_of_part)


@scalar
def _parts_of_integers(key: Int64, splitters: Splitters, parts: Parts, n_of_part: Int64) -> None:
    split, low, shift, table = splitters.key, splitters.low, np.uint64(splitters.shift), splitters.table
    last = table.shape[0] - 2
    for i in range(key.shape[0]):
        bucket = np.int64(0)
        if key[i] > low:
            ahead = (np.uint64(key[i]) - np.uint64(low)) >> shift  # may be beyond what int64 holds
            bucket = np.int64(ahead) if ahead < np.uint64(last) else np.int64(last)
        first, end = np.int64(table[bucket]), np.int64(table[bucket + 1])
        if bucket == last:
            end = np.int64(split.shape[0])
        elif key[i] <= low:
            first = np.int64(0)
        while first < end:
            middle = (first + end) >> 1
            if split[middle] <= key[i]:
                first = middle + 1
            else:
                end = middle
        parts[i] = first
        n_of_part[first] += 1


@scalar
def _parts_of_texts(lines: Lines, splitters: Splitters, parts: Parts, n_of_part: Int64, bytes_of_part: Int64) -> None:
    key, ends, text, split = lines.key, lines.ends, lines.text, splitters.key
    prefix, split_ends, split_text = splitters.prefix, splitters.ends, splitters.text
    for i in range(key.shape[0]):
        start, stop = ends[i], ends[i + 1]
        below, above = 0, split.shape[0]
        sign = compared(text, start, min(stop, start + prefix.shape[0]), prefix, 0, prefix.shape[0])
        if sign < 0:
            above = 0
        elif sign > 0:
            below = above
        else:
            word = word_of(text, start + prefix.shape[0], stop)
            while below < above:
                middle = (below + above) >> 1
                is_reached = split[middle] < word
                if split[middle] == word:
                    is_reached = (
                        compared(split_text, split_ends[middle], split_ends[middle + 1], text, start, stop) <= 0
                    )
                if is_reached:
                    below = middle + 1
                else:
                    above = middle
        parts[i] = below
        n_of_part[below] += 1
        bytes_of_part[below] += stop - start


@scalar
def scatter(
    lines: Lines,
    parts: Parts,
    next_line: Int64,
    next_byte: Int64,
    key_base: int,
    amount_base: int,
    margin_base: int,
    into: Wide,
) -> None:
    """Put lines where the next ones of their partitions go.

    Parameters
    ----------
    parts : uint16[n]
    next_line, next_byte : int64[partitions], places in `into`; moved on
    key_base, amount_base, margin_base : taken off where a column is narrow; money in whole cents then
    """
    has_margin, has_order, has_text = lines.margin.shape[0] > 0, lines.order.shape[0] > 0, lines.ends.shape[0] > 0
    has_nulls, has_flags = lines.order_is_null.shape[0] > 0, lines.is_return.shape[0] > 0
    narrow_key, narrow_amount = into.key_narrow.shape[0] > 0, into.amount_narrow.shape[0] > 0
    narrow_margin, has_counts = into.margin_narrow.shape[0] > 0, into.n_lines.shape[0] > 0
    has_kind = into.kind.shape[0] > 0
    for i in range(parts.shape[0]):
        part = parts[i]
        at = next_line[part]
        next_line[part] = at + 1
        into.day[at] = lines.day[i]
        if narrow_key:
            into.key_narrow[at] = uint32(uint64(lines.key[i]) - uint64(key_base))
        else:
            into.key[at] = lines.key[i]
        if narrow_amount:
            into.amount_narrow[at] = uint32((lines.amount[i] - amount_base) // CENTS)
        else:
            into.amount[at] = lines.amount[i]
        if has_margin:
            if narrow_margin:
                into.margin_narrow[at] = uint32((lines.margin[i] - margin_base) // CENTS)
            else:
                into.margin[at] = lines.margin[i]
        if has_order:
            into.order[at] = lines.order[i]
        if has_kind:
            is_return = lines.is_return[i] != 0 if has_flags else lines.amount[i] < 0
            kind = IS_RETURN if is_return else 0
            if has_nulls and lines.order_is_null[i] != 0:
                kind |= IS_UNNAMED
            into.kind[at] = kind
        if has_counts:
            into.n_lines[at] = lines.n_lines[i] if lines.n_lines.shape[0] > 0 else 1
        if has_text:
            start, length = lines.ends[i], lines.ends[i + 1] - lines.ends[i]
            to = next_byte[part]
            for j in range(length):
                into.text[to + j] = lines.text[start + j]
            next_byte[part] = to + length
            into.length[at] = length


@scalar
def collect(column: Column, bounds: Int64, to: Int64, into: Column) -> None:
    """Copy stretches column[bounds[p]:bounds[p + 1]] to into[to[p]:], for each p; both of one type."""
    for p in range(to.shape[0]):
        for i in range(bounds[p + 1] - bounds[p]):
            into[to[p] + i] = column[bounds[p] + i]


@scalar
def collect_narrow(column: Narrow, bounds: Int64, to: Int64, base: int, unit: int, into: Int64) -> None:
    """As `collect`, of a narrow column that is made wide."""
    for p in range(to.shape[0]):
        for i in range(bounds[p + 1] - bounds[p]):
            into[to[p] + i] = base + int64(column[bounds[p] + i]) * unit


@scalar
def flag_returns(amount: Int64, n: Int64, to: Int64, kind: Bytes) -> None:
    """Flags of rows of which a negative amount is a return, and nothing else is known: n[p] of them from to[p] on."""
    for p in range(to.shape[0]):
        for i in range(to[p], to[p] + n[p]):
            kind[i] = IS_RETURN if amount[i] < 0 else 0
