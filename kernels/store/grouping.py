"""Rows of one partition put together by customer and day."""

import numpy as np
from numpy import int64

from whalecurve.kernels.arrays import Bytes, Int32, Int64
from whalecurve.kernels.compiler.jit import scalar, word_at
from whalecurve.kernels.functions.splitmix import slot_of

FEW = 48
"""Rows of a customer up to which they are put in order of day one by one: most come in order."""


@scalar
def same_bytes(text: Bytes, a: int, b: int, length: int) -> bool:
    """Whether two stretches of so many bytes are equal; eight are compared at a time, the last eight once more."""
    differ = int64(0)
    if length < 8:
        for i in range(length):
            differ |= text[a + i] ^ text[b + i]
        return differ == 0
    for i in range(0, length - 7, 8):
        differ |= word_at(text, a + i) ^ word_at(text, b + i)
    last = length - 8
    return differ | (word_at(text, a + last) ^ word_at(text, b + last)) == 0


@scalar
def group(key: Int64, day: Int32, ends: Int64, text: Bytes, by_customer: Int32, starts: Int64, first_row: Int32) -> int:
    """Find the customers of n rows, and put the rows of each together, in order of day.

    Parameters
    ----------
    key : int64[n], the id or a hash of its bytes; day : int32[n]
    ends : int64[n + 1], text : uint8[...], where ids are bytes, else empty
    by_customer : int32[n], set to the rows of customer 0, then of customer 1, ...
    starts : int64[n + 1], set to where each customer's begin, and the last one's end
    first_row : int32[n], set to a row of each customer

    Returns
    -------
    The number of customers, numbered as they are met
    """
    n, has_text, n_customers = key.shape[0], ends.shape[0] > 0, 0
    size = 64
    while size < n + n // 2:
        size *= 2
    slots, of_row = np.zeros(size, np.int32), np.empty(n, np.int32)
    mask = size - 1
    for row in range(n):
        slot = slot_of(key[row], mask)
        while True:
            customer = slots[slot] - 1
            if customer < 0:
                customer = n_customers
                slots[slot], first_row[customer], starts[customer + 1] = customer + 1, row, 0
                n_customers += 1
                break
            other = first_row[customer]
            if key[other] == key[row]:
                if not has_text:
                    break
                length = ends[row + 1] - ends[row]
                if ends[other + 1] - ends[other] == length and same_bytes(text, ends[other], ends[row], length):
                    break
            slot = (slot + 1) & mask
        starts[customer + 1] += 1
        of_row[row] = customer
    starts[0] = 0
    for customer in range(n_customers):
        starts[customer + 1] += starts[customer]
    place = starts[:n_customers].copy()
    for row in range(n):
        customer = of_row[row]
        by_customer[place[customer]] = row
        place[customer] += 1
    for customer in range(n_customers):
        put_in_order(by_customer, day, starts[customer], starts[customer + 1])
    return n_customers


@scalar
def put_in_order(rows: Int32, day: Int32, start: int, end: int) -> None:
    """Put some rows, rows[start:end], in order of day."""
    is_sorted = True
    for i in range(start + 1, end):
        is_sorted &= day[rows[i - 1]] <= day[rows[i]]
    if is_sorted:
        return
    if end - start > FEW:
        own = rows[start:end].copy()
        rows[start:end] = own[np.argsort(day[own], kind="mergesort")]
        return
    for i in range(start + 1, end):
        row, j = rows[i], i
        while j > start and day[rows[j - 1]] > day[row]:
            rows[j] = rows[j - 1]
            j -= 1
        rows[j] = row
