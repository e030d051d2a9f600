"""How often items come together in a group, and one after the other in two groups of a customer.

Counts are of a range of items against all: int32[rows, items], row r being item first + r. Threads share the rows, and
each looks through all groups for the items of its own: counts are whole numbers, the same in any order.

Groups are as in `recoding`, their items ascending and each once.
"""

from whalecurve.kernels.arrays import Int32, Int64
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.compiler.threads import in_parts


@scalar
def _together(starts: Int64, items: Int32, first: int, end: int, counts: Int32) -> None:
    for group in range(starts.shape[0] - 1):
        stop = starts[group + 1]
        for i in range(starts[group], stop):
            item = items[i]
            if item >= end:
                break
            if item >= first:
                for j in range(i + 1, stop):
                    counts[item - first, items[j]] += 1


@scalar
def _following(customers: Int64, starts: Int64, items: Int32, first: int, end: int, counts: Int32) -> None:
    for customer in range(customers.shape[0] - 1):
        for group in range(customers[customer], customers[customer + 1] - 1):
            for i in range(starts[group], starts[group + 1]):
                item = items[i]
                if item >= end:
                    break
                if item >= first:
                    for j in range(starts[group + 1], starts[group + 2]):
                        counts[item - first, items[j]] += 1


def count_together(starts: Int64, items: Int32, first: int, counts: Int32) -> None:
    """Add, for items a of the rows and b > a, the groups that have both to counts[a - first, b]."""
    in_parts(lambda low, high: _together(starts, items, first + low, first + high, counts[low:high]), counts.shape[0])


def count_following(customers: Int64, starts: Int64, items: Int32, first: int, counts: Int32) -> None:
    """Add, for items a of the rows and any b, how often a group with b follows one with a to counts[a - first, b].

    customers : int64[customers + 1], the groups of customer c, in time, being those from customers[c] to below
        customers[c + 1]
    """
    in_parts(
        lambda low, high: _following(customers, starts, items, first + low, first + high, counts[low:high]),
        counts.shape[0],
    )


@scalar
def following_slots(customers: Int64, starts: Int64, items: Int32, before: Int64, after: Int64, slots: Int64) -> int:
    """Count the places for pairs of different items in groups that follow one another.

    Of a group with k items and the next with m, of which s are in both, there are k m - s: m for each item of the
    first, less one where it is in the next, too, and k for each of the next likewise.

    Parameters
    ----------
    customers, starts, items
        As for `count_following`.
    before, after : int64[items, 2]
        Added to: places of each item in the first group, and the groups that it is in; the same of the next.
    slots : int64[customers]
        Written: places of each customer.

    Returns
    -------
    How many groups follow another.
    """
    n = 0
    for customer in range(customers.shape[0] - 1):
        slots[customer] = 0
        for group in range(customers[customer], customers[customer + 1] - 1):
            n += 1
            i, stop = starts[group], starts[group + 1]
            j, end = stop, starts[group + 2]
            k, m, both = stop - i, end - j, 0
            for at in range(i, stop):
                before[items[at], 0] += m
                before[items[at], 1] += 1
            for at in range(j, end):
                after[items[at], 0] += k
                after[items[at], 1] += 1
            while i < stop and j < end:
                if items[i] < items[j]:
                    i += 1
                elif items[i] > items[j]:
                    j += 1
                else:
                    before[items[i], 0] -= 1
                    after[items[j], 0] -= 1
                    both += 1
                    i += 1
                    j += 1
            slots[customer] += k * m - both
    return n
