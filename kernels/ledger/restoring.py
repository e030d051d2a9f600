"""Taking a ledger up again from the rows that were saved of it."""

import numpy as np
from numba import int64

from whalecurve.kernels.arrays import Int32, Int64
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.ledger.days import mark
from whalecurve.kernels.ledger.hash_table import find_rows, has_room, mixed, share_of
from whalecurve.kernels.ledger.layout import (
    CHUNK,
    COLD_WORDS,
    DISORDERED,
    EARLIEST,
    FLAG_BITS,
    FLAGS,
    HOT_WORDS,
    KEY,
    Ledger,
    Lines,
)


@scalar
def restore(
    ledger: Ledger, ids: Lines, hot: Int64, cold: Int64, moved: Int32, start: int, first: int, last: int
) -> int:
    """Add saved customers, none of whom the ledger knows yet, from `start` on, whose share s is first <= s < last.

    Parameters
    ----------
    ids : Lines
        `key`, and for ids that are bytes `ends` and `text`, of m customers; nothing else of it is looked at.
    hot : int64[m, 8], cold : int64[m, 4]
        Their rows, as `update` left them.
    moved : int32[m]
        Filled with the row that each of them gets, for those that are added.

    Returns
    -------
    int
        The customer to go on with: m when all are done, less when there is no room.
    """
    own_hot, own_cold, counts = ledger.hot, ledger.cold, ledger.hot.view(np.int32)
    key, ends = ids.key, ids.ends
    ledger.counters[EARLIEST] = 0  # rows do not say; this is no later than any day
    hashes, rows, places = np.empty(CHUNK, np.uint64), np.empty(CHUNK, np.int64), np.empty(CHUNK, np.int64)
    n = key.shape[0]
    while start < n:
        size = min(CHUNK, n - start)
        if not has_room(ledger, size, ends[start + size] - ends[start] if ends.shape[0] > 0 else 0):
            return start
        n_mine = 0
        for at in range(start, start + size):
            hashed = mixed(key[at])
            if first <= share_of(hashed) < last:
                hashes[n_mine], places[n_mine] = hashed, at
                n_mine += 1
        find_rows(ledger, hashes, key, ids.text, ends, places, rows, n_mine)
        for i in range(n_mine):
            row, at = rows[i], places[i]
            moved[at] = row
            own_key = own_hot[row, KEY]
            for word in range(HOT_WORDS):
                own_hot[row, word] = hot[at, word]
            for word in range(COLD_WORDS):
                own_cold[row, word] = cold[at, word]
            own_hot[row, KEY] = own_key
            flags = int64(counts[row, FLAGS]) & FLAG_BITS
            counts[row, FLAGS] = flags & ~DISORDERED
            if flags & DISORDERED:
                mark(counts, ledger.counters, row)
        start += size
    return start
