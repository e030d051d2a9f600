"""Sums over customers of how often each of them has a pair, for its variance: the customer is the unit.

The pairs are those that index[a - first, b] numbers from 0 on, -1 for those that are not asked for; groups, rows and
threads are as in `pair_counts`. Only the thread of a pair's row adds to its sums, whole numbers all.
"""

import numpy as np

from whalecurve.kernels.arrays import Int32, Int64
from whalecurve.kernels.compiler.jit import scalar
from whalecurve.kernels.compiler.threads import in_parts


@scalar
def _settle(touched: Int32, n: int, own: Int32, weight: int, sums: Int64) -> None:
    """Add what a customer has of the first n touched pairs to the sums, and forget it."""
    for t in range(n):
        pair = touched[t]
        times = np.int64(own[pair])
        own[pair] = 0
        sums[pair, 0] += 1
        sums[pair, 1] += times * times
        sums[pair, 2] += times * weight


@scalar
def _sum_together(
    customers: Int64, starts: Int64, items: Int32, weights: Int64, first: int, end: int, index: Int32, sums: Int64
) -> None:
    own, touched = np.zeros(sums.shape[0], np.int32), np.empty(sums.shape[0], np.int32)
    for customer in range(customers.shape[0] - 1):
        n = 0
        for group in range(customers[customer], customers[customer + 1]):
            stop = starts[group + 1]
            for i in range(starts[group], stop):
                item = items[i]
                if item >= end:
                    break
                if item >= first:
                    for j in range(i + 1, stop):
                        pair = index[item - first, items[j]]
                        if pair >= 0:
                            if own[pair] == 0:
                                touched[n] = pair
                                n += 1
                            own[pair] += 1
        _settle(touched, n, own, weights[customer], sums)


@scalar
def _sum_following(
    customers: Int64, starts: Int64, items: Int32, weights: Int64, first: int, end: int, index: Int32, sums: Int64
) -> None:
    own, touched = np.zeros(sums.shape[0], np.int32), np.empty(sums.shape[0], np.int32)
    for customer in range(customers.shape[0] - 1):
        n = 0
        for group in range(customers[customer], customers[customer + 1] - 1):
            for i in range(starts[group], starts[group + 1]):
                item = items[i]
                if item >= end:
                    break
                if item >= first:
                    for j in range(starts[group + 1], starts[group + 2]):
                        pair = index[item - first, items[j]]
                        if pair >= 0:
                            if own[pair] == 0:
                                touched[n] = pair
                                n += 1
                            own[pair] += 1
        _settle(touched, n, own, weights[customer], sums)


def sum_together(
    customers: Int64, starts: Int64, items: Int32, weights: Int64, first: int, index: Int32, sums: Int64
) -> None:
    """Add, of pairs in the same group, over the customers: who has one, the squares of how often, and its products.

    Parameters
    ----------
    customers : int64[customers + 1]
        The groups of each customer.
    weights : int64[customers]
        What the times of a customer are multiplied with.
    index : int32[rows, items]
        Numbers of the pairs.
    sums : int64[pairs, 3]
        Added to: customers, squares, products.
    """
    in_parts(
        lambda low, high: _sum_together(
            customers, starts, items, weights, first + low, first + high, index[low:high], sums
        ),
        index.shape[0],
    )


def sum_following(
    customers: Int64, starts: Int64, items: Int32, weights: Int64, first: int, index: Int32, sums: Int64
) -> None:
    """Add the same of pairs of which one is in a group, and the other in the customer's next."""
    in_parts(
        lambda low, high: _sum_following(
            customers, starts, items, weights, first + low, first + high, index[low:high], sums
        ),
        index.shape[0],
    )
