"""The rows of a ledger in the order of the customers' ids."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.ledger.sorted_runs import text_ids
from whalecurve.kernels.arrays import Int64
from whalecurve.kernels.ledger import KEY


def rows_by_id(hot: Int64, text: Int64, rows: Int64) -> NDArray[np.uint32]:
    """Some rows of a ledger, sorted by id."""
    if rows.size == 0:
        return rows.astype(np.uint32)
    keys = hot[rows, KEY]
    order = _text_order(text, keys) if text.size else order_of(keys)
    del keys
    return rows.astype(np.uint32)[order]


def order_of(keys: Int64) -> Int64:
    """The positions of integers in ascending order; the integers are lost.

    Where the integers lie close enough together, each is sorted as one word with its position: a third of the time
    of sorting positions.
    """
    least = int(keys.min())
    bits = max(1, int(keys.size - 1).bit_length())
    if int(keys.max()) - least >= 1 << (64 - bits):
        return pl.Series(keys).arg_sort().to_numpy().astype(np.int64)
    words = keys.view(np.uint64)
    words -= np.uint64(least % (1 << 64))
    words <<= np.uint64(bits)
    words |= np.arange(keys.size, dtype=np.uint64)
    order = pl.Series(words).sort().to_numpy(writable=True)
    order &= np.uint64((1 << bits) - 1)
    return order.view(np.int64)


def _text_order(text: Int64, records: Int64) -> Int64:
    """The positions of ids in the order of their bytes: by the first eight in which any two differ, then by all.

    Polars sorts a million strings in 0.8 s, integers in a twentieth of it.
    """
    lengths = text[records + 1]
    shared = _shared_words(text, records, int(lengths.min()) // 8)
    bytes_of = text[records + 2 + np.minimum(shared, np.maximum(0, -(-lengths // 8) - 1))]
    bytes_of = np.where(-(-lengths // 8) > shared, bytes_of, 0)
    leading = bytes_of.view(np.uint64).byteswap()
    order = order_of((leading ^ np.uint64(1 << 63)).view(np.int64))
    sorted_leading = leading[order]
    is_tied = np.zeros(order.size, dtype=np.bool_)
    same = sorted_leading[1:] == sorted_leading[:-1]
    is_tied[1:] |= same
    is_tied[:-1] |= same
    tied = np.flatnonzero(is_tied)
    if tied.size:  # tied ids lie side by side: sorted by all of their bytes they take the same places
        ids = text_ids(text, records[order[tied]], pl.Binary())
        frame = pl.DataFrame({"leading": sorted_leading[tied], "id": ids, "row": order[tied]})
        order[tied] = frame.sort("leading", "id")["row"].to_numpy()
    return order


def _shared_words(text: Int64, records: Int64, most: int) -> int:
    """How many whole words all ids have in common at their beginning."""
    for word in range(most):
        column = text[records + 2 + word]
        if (column != column[0]).any():
            return word
    return most
