"""The ledger's hash table: open addressing with linear probing, exact for integers and for bytes."""

import numpy as np
from numba import int64, uint64

from whalecurve.kernels.arrays import Bytes, Int32, Int64
from whalecurve.kernels.compiler.intrinsics import prefetch, word_at
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.ledger.layout import (
    BLOCK,
    EPOCH,
    KEY,
    N_CUSTOMERS,
    N_LOGGED,
    N_SEEN,
    N_TEXT,
    OPEN_DAY,
    Ledger,
    Slots,
)

ROW = 0xFFFFFFFF
"""Lower half of a slot: the customer's row + 1."""

RECORD_HEAD = 2
"""Words of hash and length before the bytes of an id."""


@scalar
def mixed(key: int) -> np.uint64:
    """A well-mixed uint64 of a key (the finalizer of SplitMix64; Steele, Lea & Flood 2014)."""
    z = uint64(key)
    z = (z ^ (z >> uint64(30))) * uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> uint64(27))) * uint64(0x94D049BB133111EB)
    return z ^ (z >> uint64(31))


@scalar
def share_of(hashed: int) -> np.int64:
    """Lower 16 bits of a hash, by which customers are divided among threads and passes: 0 to 65,535."""
    return int64(hashed & uint64(0xFFFF))


@scalar
def place_of(hashed: int, n_slots: int) -> np.int64:
    """Where the search for a customer begins: it follows from the half of the hash that slots keep."""
    return (int64(hashed >> uint64(32)) * n_slots) >> 32


@scalar
def hash_of(hot: Int64, text: Int64, row: int) -> np.uint64:
    """The hash of a known customer."""
    key = hot[row, KEY]
    return mixed(key) if text.shape[0] == 0 else mixed(text[key])


@scalar
def same_bytes(a: Bytes, a_start: int, b: Bytes, b_start: int, length: int) -> bool:
    """Whether two stretches of so many bytes are equal; eight are compared at a time, the last eight once more."""
    differ = int64(0)
    if length < 8:
        for i in range(length):
            differ |= a[a_start + i] ^ b[b_start + i]
        return differ == 0
    for i in range(0, length - 7, 8):
        differ |= word_at(a, a_start + i) ^ word_at(b, b_start + i)
    last = length - 8
    return differ | (word_at(a, a_start + last) ^ word_at(b, b_start + last)) == 0


@scalar
def find_rows(
    ledger: Ledger, hashes: Slots, key: Int64, text: Bytes, text_ends: Int64, places: Int64, rows: Int64, n: int
) -> None:
    """The rows of n customers at once, new ones where they are not known yet.

    key[places[i]] is the key of customer i, hashes[i] its hash, and, where ids are bytes,
    text[text_ends[places[i]]:text_ends[places[i] + 1]] the id; rows[i] is the result. The caller has made sure that
    there is room. One function for many customers: arrays handed on for each cost ten times the work itself.
    """
    slots, hot, own, counters = ledger.slots, ledger.hot, ledger.text, ledger.counters
    counts, own_bytes = hot.view(np.int32), own.view(np.uint8)
    n_slots, has_text = slots.shape[0], own.shape[0] > 0
    n_customers, n_text = counters[N_CUSTOMERS], counters[N_TEXT]
    for begin in range(0, n, BLOCK):
        end = min(begin + BLOCK, n)
        for i in range(begin, end):
            prefetch(slots, (int64(hashes[i] >> uint64(32)) * n_slots) >> 32)
        for i in range(begin, end):
            slot = int64(slots[(int64(hashes[i] >> uint64(32)) * n_slots) >> 32])
            if slot != 0:
                prefetch(hot, (slot & ROW) - 1)
        if has_text:
            for i in range(begin, end):
                slot = int64(slots[(int64(hashes[i] >> uint64(32)) * n_slots) >> 32])
                if slot != 0:
                    prefetch(own, hot[(slot & ROW) - 1, KEY])
        for i in range(begin, end):
            at = places[i]
            tag = int64(hashes[i] >> uint64(32))
            place = (tag * n_slots) >> 32
            row = int64(-1)
            while True:
                slot = slots[place]
                if slot == uint64(0):
                    break
                if int64(slot >> uint64(32)) == tag:
                    row = int64(slot & uint64(ROW)) - 1
                    if not has_text:
                        if hot[row, KEY] == key[at]:
                            break
                    else:
                        record, length = hot[row, KEY], text_ends[at + 1] - text_ends[at]
                        if (
                            own[record] == key[at]
                            and own[record + 1] == length
                            and same_bytes(own_bytes, 8 * (record + RECORD_HEAD), text, text_ends[at], length)
                        ):
                            break
                    row = int64(-1)
                place = (place + 1) & (n_slots - 1)
            if row < 0:
                row = int64(n_customers)
                n_customers += 1
                slots[place] = (uint64(tag) << uint64(32)) | uint64(n_customers)
                hot[row, KEY] = key[at]
                counts[row, OPEN_DAY] = -1
                if has_text:
                    length = text_ends[at + 1] - text_ends[at]
                    hot[row, KEY] = n_text
                    own[n_text], own[n_text + 1] = key[at], length
                    first, other = 8 * (n_text + RECORD_HEAD), text_ends[at]
                    for byte in range(length):
                        own_bytes[first + byte] = text[other + byte]
                    n_text += RECORD_HEAD + (length + 7) // 8
            rows[i] = row
    counters[N_CUSTOMERS], counters[N_TEXT] = n_customers, n_text


@scalar
def has_room(ledger: Ledger, more: int, more_text: int) -> bool:
    """Whether so many new customers, with ids of so many bytes in all, as many orders and days to log, fit."""
    n, n_text, n_log = ledger.counters[N_CUSTOMERS] + more, ledger.text.shape[0], ledger.log.shape[0]
    return (
        n <= ledger.hot.shape[0]
        and 4 * n <= 3 * ledger.slots.shape[0]
        and (n_text == 0 or ledger.counters[N_TEXT] + 3 * more + more_text // 8 <= n_text)
        and 2 * (ledger.counters[N_SEEN] + more) <= ledger.seen_epoch.shape[0]
        and (n_log == 0 or ledger.counters[N_LOGGED] + more <= n_log)
    )


@scalar
def move_slots(old: Slots, new: Slots) -> None:
    """Fill a larger or smaller table, still empty, with what the old one holds."""
    n_slots = new.shape[0]
    for slot in old:
        if slot != uint64(0):
            place = place_of(slot, n_slots)
            while new[place] != uint64(0):
                place = (place + 1) & (n_slots - 1)
            new[place] = slot


@scalar
def is_new_order(
    seen_customer: Int64, seen_order: Int64, seen_epoch: Int64, counters: Int64, row: int, order: int
) -> bool:
    """Whether a customer's order is not in the set of the current epoch yet; it is afterwards."""
    epoch, mask = counters[EPOCH], uint64(seen_epoch.shape[0] - 1)
    place = mixed(order ^ (row << 20)) & mask
    while seen_epoch[place] == epoch:
        if seen_customer[place] == row and seen_order[place] == order:
            return False
        place = (place + uint64(1)) & mask
    seen_epoch[place], seen_customer[place], seen_order[place] = epoch, row, order
    counters[N_SEEN] += 1
    return True


@scalar
def move_orders(old: Ledger, new: Ledger) -> None:
    """Take the orders of the current epoch over into a larger or smaller set; both share the counters."""
    epoch = old.counters[EPOCH]
    new.counters[N_SEEN] = 0
    for place in range(old.seen_epoch.shape[0]):
        if old.seen_epoch[place] == epoch and epoch > 0:
            is_new_order(
                new.seen_customer, new.seen_order, new.seen_epoch, new.counters,
                old.seen_customer[place], old.seen_order[place],
            )  # fmt: skip


@scalar
def _keep_orders(ledger: Ledger, moved: Int32) -> None:
    """Take the given-up customers' orders out of the set, and number those of the others by their new rows.

    Beside the set, which stays as large as it is, this takes 16 bytes for each of its orders: a third of it at most.
    """
    seen_customer, seen_order, seen_epoch = ledger.seen_customer, ledger.seen_order, ledger.seen_epoch
    counters = ledger.counters
    epoch, n_kept = counters[EPOCH], 0
    if counters[N_SEEN] == 0:
        return
    kept = np.empty((2, counters[N_SEEN]), np.int64)
    for place in range(seen_epoch.shape[0]):
        if seen_epoch[place] == epoch and moved[seen_customer[place]] >= 0:
            kept[0, n_kept], kept[1, n_kept] = moved[seen_customer[place]], seen_order[place]
            n_kept += 1
    seen_epoch[:] = 0
    counters[N_SEEN] = 0
    for i in range(n_kept):
        is_new_order(seen_customer, seen_order, seen_epoch, counters, kept[0, i], kept[1, i])


@scalar
def keep_share(ledger: Ledger, first: int, last: int, moved: Int32) -> None:
    """Drop the customers whose share is outside first <= share < last, and fill table and set of orders anew.

    moved : int32[n], filled with the row that each row has become, or -1.
    """
    slots, hot, cold, text, counters = ledger.slots, ledger.hot, ledger.cold, ledger.text, ledger.counters
    slots[:] = 0
    kept, n_text, n_slots = 0, 0, slots.shape[0]
    for row in range(counters[N_CUSTOMERS]):
        hashed = hash_of(hot, text, row)
        moved[row] = -1
        if not first <= share_of(hashed) < last:
            continue
        moved[row] = kept
        record = hot[row, KEY]
        for word in range(hot.shape[1]):
            hot[kept, word] = hot[row, word]
        for word in range(cold.shape[1]):
            cold[kept, word] = cold[row, word]
        if text.shape[0] > 0:
            n_words = RECORD_HEAD + (text[record + 1] + 7) // 8
            for word in range(n_words):
                text[n_text + word] = text[record + word]
            hot[kept, KEY] = n_text
            n_text += n_words
        kept += 1
        place = place_of(hashed, n_slots)
        while slots[place] != uint64(0):
            place = (place + 1) & (n_slots - 1)
        slots[place] = ((hashed >> uint64(32)) << uint64(32)) | uint64(kept)
    hot[kept : counters[N_CUSTOMERS]] = 0
    cold[kept : counters[N_CUSTOMERS]] = 0
    text[n_text : counters[N_TEXT]] = 0
    counters[N_CUSTOMERS], counters[N_TEXT] = kept, n_text
    _keep_orders(ledger, moved)
