"""What the ledger is made of: arrays that hold one row per customer and a hash table that finds it.

A customer takes 96 bytes: `hot`, one cache line, is touched by every order line, `cold` by few of them. Money is in
fixed-point units (int64), days are counted from 1970-01-01 (int32). The last day seen of a customer is *open*: lines
may still join it, and whether it is a purchase day is not settled. What it is found to be is counted when a later
day opens, or when totals are taken.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from whalecurve.kernels.arrays import Bytes, Int32, Int64

Slots = NDArray[np.uint64]

HOT_WORDS, COLD_WORDS = 8, 4
CUSTOMER_BYTES = 8 * (HOT_WORDS + COLD_WORDS)

# hot, as int64: the id, or where its bytes are in `text`; net sums; the open day's net revenue and first order id
KEY, REVENUE, MARGIN, DAY_REVENUE, DAY_ORDER = 0, 1, 2, 3, 4
# hot, as int32: open day, last closed purchase day, closed purchase days, lines, orders, flags
OPEN_DAY, LAST_DAY, N_DAYS, N_LINES, N_ORDERS, FLAGS = 10, 11, 12, 13, 14, 15
# cold, as int64: amount returned; sums of the first purchase day once that is closed, until then those before the
# open day
RETURNED, FIRST_REVENUE, FIRST_MARGIN = 0, 1, 2
# cold, as int32
FIRST_DAY, N_RETURNS = 6, 7

# flags of the open day
HAS_SALE, HAS_RETURN, HAS_ORDER, HAS_SEVERAL_ORDERS, HAS_UNNAMED_ORDER = 1, 2, 4, 8, 16
# flags of the customer: a line came for a day before the open one; a day before the first purchase day was closed
DISORDERED, BEGAN_WITHOUT_PURCHASE = 32, 64
EPOCH_SHIFT, FLAG_BITS = 7, 127
LAST_EPOCH = 2**24 - 1

# counters; the earliest day of all lines is a bound on every customer's first
N_CUSTOMERS, EPOCH, STREAM_DAY, N_SEEN, N_DISORDERED, N_TEXT, EARLIEST, N_LOGGED = 0, 1, 2, 3, 4, 5, 6, 7
N_COUNTERS = 8

# entries of the day log, as int64: customer's row, day and whether it was a purchase; the day's net revenue; the
# customer's net margin up to the end of that day
ENTRY, ENTRY_REVENUE, ENTRY_MARGIN = 0, 1, 2
ENTRY_WORDS = 3

BLOCK = 128
"""Lines whose rows are asked for together: enough for the cache misses to overlap."""

CHUNK = 2048
"""Lines that go from one step to the next together: handing a ledger's arrays on costs as much as a few lines, and
the rows that one step has fetched are still near when the next one wants them."""


NO_LOG: Int64 = np.empty((0, ENTRY_WORDS), dtype=np.int64)


class Ledger(NamedTuple):
    """The state of n customers, updated in place.

    slots : uint64[power of two], 0 where free, else the upper half of the id's hash and the customer's row + 1
    hot : int64[capacity, 8], cold : int64[capacity, 4]
    seen_customer, seen_order, seen_epoch : int64[power of two]
        Orders of customers with several on one day, for as long as the lines' day does not change: a hash
        set whose entries count in their own epoch alone.
    text : int64[...]
        Ids that are bytes: a customer's KEY is where his record begins, a word of hash, a word of length, and the
        bytes, filled up with zeros to whole words. Empty for integer ids.
    counters : int64[8]
    log : int64[capacity, 3], an entry for every day that was closed since the caller last took them out; empty: none is
        kept
    """

    slots: Slots
    hot: Int64
    cold: Int64
    seen_customer: Int64
    seen_order: Int64
    seen_epoch: Int64
    text: Int64
    counters: Int64
    log: Int64 = NO_LOG


class Lines(NamedTuple):
    """m order lines, in time order. A column that the log does not have is an empty array.

    key : int64[m], the customer id, or a hash of its bytes, from one and the same function always
    day : int32[m]; amount, margin : int64[m], negative where a line takes money off
    order : int64[m], the order id or a hash of it; order_is_null : uint8[m]
    is_return : uint8[m]; empty: a negative amount is a return
    ends : int64[m + 1], text : uint8[...]; line i's customer id is text[ends[i]:ends[i + 1]], where ids are bytes
    """

    key: Int64
    day: Int32
    amount: Int64
    margin: Int64
    order: Int64
    order_is_null: Bytes
    is_return: Bytes
    ends: Int64
    text: Bytes


def new_counters() -> Int64:
    """Counters of an empty ledger."""
    counters = np.zeros(N_COUNTERS, dtype=np.int64)
    counters[STREAM_DAY], counters[EARLIEST] = -1, np.iinfo(np.int32).max
    return counters


def empty_ledger(customers: int = 1024, *, text_bytes: int = 0) -> Ledger:
    """A ledger with room for so many customers, and for ids of so many bytes in all (0: integer ids)."""
    n_slots = slots_for(customers)
    return Ledger(
        slots=np.zeros(n_slots, dtype=np.uint64),
        hot=np.zeros((customers, HOT_WORDS), dtype=np.int64),
        cold=np.zeros((customers, COLD_WORDS), dtype=np.int64),
        seen_customer=np.zeros(4 * CHUNK, dtype=np.int64),
        seen_order=np.zeros(4 * CHUNK, dtype=np.int64),
        seen_epoch=np.zeros(4 * CHUNK, dtype=np.int64),
        text=np.zeros(text_words(customers, text_bytes) if text_bytes else 0, dtype=np.int64),
        counters=new_counters(),
    )


def text_words(customers: int, n_bytes: int) -> int:
    """Words that hold the ids of so many customers, of so many bytes in all, for certain."""
    return 3 * customers + n_bytes // 8


def slots_for(customers: int) -> int:
    """Slots that a table of so many customers wants: a power of two, at most three quarters of it in use."""
    return 1 << max(8, int(np.ceil(np.log2(max(customers, 1) / 0.75))))
