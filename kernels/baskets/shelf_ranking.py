"""The items that a customer has not bought and is most likely to, by what they have and what goes with it."""

import math
from typing import NamedTuple

import numpy as np

from whalecurve.kernels.arrays import Int32, Int64, Matrix, Vector
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.compiler.threads import FEW_ROWS, in_parts


class Partners(NamedTuple):
    """What goes with each item: the partners of item a are those from starts[a] to below starts[a + 1], ascending."""

    starts: Int64
    items: Int32
    logs: Vector  # of how many times as often as chance has it


class Shelves(NamedTuple):
    """Items by the shelf that they are on: those of shelf s from starts[s] to below starts[s + 1], likeliest first."""

    of_item: Int32
    starts: Int64
    items: Int32
    logs: Vector  # of how likely each item is for anybody, by item


@scalar
def _placed(items: Int32, worth: Vector, n: int, item: int, value: float) -> int:
    """Put an item among the n best, in order; the first of those that are worth the same is the smaller. New n."""
    most = items.shape[0]
    at = n
    while at > 0 and (worth[at - 1] < value or (worth[at - 1] == value and items[at - 1] > item)):
        at -= 1
    if at >= most:
        return n
    for j in range(min(n, most - 1), at, -1):
        items[j] = items[j - 1]
        worth[j] = worth[j - 1]
    items[at] = item
    worth[at] = value
    return min(n + 1, most)


@scalar
def _reason(own: Int32, partners: Partners, item: int) -> int:
    """The item among a customer's own that speaks most for another; -1 where none does."""
    found, most = -1, 0.0
    for a in own:
        for j in range(partners.starts[a], partners.starts[a + 1]):
            if partners.items[j] == item and partners.logs[j] > most:
                found, most = a, partners.logs[j]
    return found


@scalar
def _next_items(
    first: int, end: int, starts: Int64, items: Int32, shelf: Int32, shelves: Shelves, partners: Partners,
    found: Int32, reasons: Int32, worth: Matrix,
) -> None:  # fmt: skip
    score, state = np.zeros(shelves.logs.shape[0]), np.zeros(shelves.logs.shape[0], np.uint8)
    touched = np.empty(shelves.logs.shape[0], np.int32)
    most = found.shape[1]
    for customer in range(first, end):
        found[customer, :] = -1
        reasons[customer, :] = -1
        worth[customer, :] = math.nan
        if shelf[customer] < 0:
            continue
        own = items[starts[customer] : starts[customer + 1]]
        for a in own:
            state[a] = 2
        k = 0
        for a in own:
            for j in range(partners.starts[a], partners.starts[a + 1]):
                b = partners.items[j]
                if state[b] == 2 or shelves.of_item[b] != shelf[customer]:
                    continue
                if state[b] == 0:
                    state[b] = 1
                    touched[k] = b
                    k += 1
                score[b] += partners.logs[j]
        n, plain = 0, 0
        for t in range(k):
            b = touched[t]
            value = shelves.logs[b] + score[b] / math.sqrt(own.shape[0])
            n = _placed(found[customer], worth[customer], n, b, value)
        for j in range(shelves.starts[shelf[customer]], shelves.starts[shelf[customer] + 1]):
            b = shelves.items[j]
            if plain == most:
                break
            if state[b] == 0:
                n = _placed(found[customer], worth[customer], n, b, shelves.logs[b])
                plain += 1
        for t in range(k):
            score[touched[t]] = 0.0
            state[touched[t]] = 0
        for a in own:
            state[a] = 0
        for r in range(n):
            reasons[customer, r] = _reason(own, partners, found[customer, r])


def next_items(
    starts: Int64, items: Int32, shelf: Int32, shelves: Shelves, partners: Partners, most: int
) -> tuple[Int32, Int32, Matrix]:
    """The best items of a shelf that each customer has not bought, best first.

    An item b is worth log P(b) + Σ log L(a, b) / √n, over the n items a that the customer has: what anybody is as
    likely to buy, times what their own items say. The root holds back that these are no independent witnesses.

    Parameters
    ----------
    starts, items
        What each customer has bought, as groups of `recoding`.
    shelf : int32[customers]
        The shelf that each customer is to be led to, -1 for none.
    most
        Items of a customer, at most.

    Returns
    -------
    int32[customers, most] the items, int32 the item of the customer's own that speaks most for each, float64 what they
    are worth; -1, -1 and NaN where there is none
    """
    n = shelf.shape[0]
    found, reasons = np.empty((n, most), np.int32), np.empty((n, most), np.int32)
    worth = np.empty((n, most))
    in_parts(
        lambda first, end: _next_items(first, end, starts, items, shelf, shelves, partners, found, reasons, worth),
        n,
        few=FEW_ROWS,
    )
    return found, reasons, worth
