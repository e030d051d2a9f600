"""Where partitions begin: ranges of the customer id of about the same number of lines, judged by some of them."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import polars as pl

from whalecurve.engine.store.line_batches import ends_and_bytes
from whalecurve.kernels.arrays import Int32, Int64
from whalecurve.kernels.store import NO_BYTES, NO_NUMBERS, Lines, Splitters, buckets_of, word_of

BUCKETS = 1 << 14
WIDEST = 1 << 62

NO_TABLE: Int32 = np.empty(0, dtype=np.int32)


def integer_splitters(keys: Int64, n_parts: int) -> Splitters:
    """Splitters of integers, from some of them; fewer partitions where many are equal.

    A value that would be taken twice gets a partition of its own.
    """
    first_keys = _quantiles(np.sort(keys), n_parts)
    low = int(first_keys[0]) if first_keys.size else 0
    span = int(first_keys[-1]) - low if first_keys.size else 0
    shift, table = 63, np.array([0, first_keys.size], dtype=np.int32)
    if 0 < span < WIDEST:
        shift = max(0, span.bit_length() - BUCKETS.bit_length() + 1)
        table = np.empty((span >> shift) + 2, dtype=np.int32)
        buckets_of(first_keys, low, shift, table)
    return Splitters(first_keys, table, low, shift, NO_NUMBERS, NO_BYTES, NO_BYTES)


def _quantiles(ascending: Int64, n_parts: int) -> Int64:
    if ascending.size == 0 or n_parts < 2:
        return NO_NUMBERS
    at = np.arange(1, n_parts) * ascending.size // n_parts
    values, counts = np.unique(ascending[at], return_counts=True)
    heavy = values[counts > 1]
    after = heavy[heavy < np.iinfo(np.int64).max] + 1
    return np.union1d(values, after)


def text_splitters(ids: pl.Series, n_parts: int) -> Splitters:
    """Splitters of ids that are bytes, from some of them, Binary."""
    ascending = ids.sort()
    first_ids: list[bytes] = []
    if ascending.len() and n_parts > 1:
        at = np.arange(1, n_parts) * ascending.len() // n_parts
        values = ascending.gather(at.astype(np.uint32)).to_list()
        heavy = {value for value, other in pairwise(values) if value == other}
        first_ids = sorted({*values, *(value + b"\0" for value in heavy)})
    prefix = _shared(first_ids)
    ends, text = ends_and_bytes(pl.Series(first_ids, dtype=pl.Binary))
    words = np.array([word_of(text, ends[i] + len(prefix), ends[i + 1]) for i in range(len(first_ids))], dtype=np.int64)
    shared = np.frombuffer(prefix, dtype=np.uint8)
    # copies can be written to, always: kernels are compiled for one kind of array
    return Splitters(words, NO_TABLE, 0, 0, ends.copy(), text.copy(), shared.copy())


def split_few() -> None:
    """Find where partitions of a few ids begin, integers and bytes: short logs have one partition, and never do."""
    numbers = np.arange(1_000)
    integer_splitters(numbers, 4)
    text_splitters(pl.Series(numbers).cast(pl.String).cast(pl.Binary), 4)


def _shared(ascending: Sequence[bytes]) -> bytes:
    """With what all of them begin."""
    if not ascending:
        return b""
    first, last = ascending[0], ascending[-1]
    n = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[:n]


def ids_of_lines(batches: Sequence[Lines], stride: int) -> Int64 | pl.Series:
    """Every k-th customer of some lines: integers, or Binary ids."""
    if not batches[0].ends.size:
        return np.concatenate([lines.key[::stride] for lines in batches])
    ids: list[bytes] = []
    for lines in batches:
        ids += [lines.text[lines.ends[i] : lines.ends[i + 1]].tobytes() for i in range(0, lines.key.size, stride)]
    return pl.Series(ids, dtype=pl.Binary)
