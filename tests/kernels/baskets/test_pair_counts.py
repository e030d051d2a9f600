"""Pairs counted, against dictionaries; in whatever ranges of items."""

import numpy as np
import pytest

from tests.support.baskets import flat, following, random_baskets, together
from whalecurve.kernels.baskets import count_following, count_together, following_slots

N = 20
BASKETS = random_baskets(np.random.default_rng(2), n_customers=60, n_items=N)


def dense(pairs):
    counts = np.zeros((N, N), dtype=np.int32)
    for pair, times in pairs.items():
        counts[pair] = sum(times.values())
    return counts


@pytest.mark.parametrize("n_rows", [1, 7, N])
def test_counts_do_not_depend_on_the_ranges_of_items_that_are_counted_at_once(n_rows):
    customers, starts, items = flat(BASKETS)
    for count, expected in (
        (lambda first, counts: count_together(starts, items, first, counts), dense(together(BASKETS))),
        (lambda first, counts: count_following(customers, starts, items, first, counts), dense(following(BASKETS))),
    ):
        parts = []
        for first in range(0, N, n_rows):
            counts = np.zeros((min(n_rows, N - first), N), dtype=np.int32)
            count(first, counts)
            parts.append(counts)
        assert np.array_equal(np.concatenate(parts), expected)
        assert expected.max() > 1


def test_places_are_pairs_of_different_items_in_groups_that_follow_one_another():
    customers, starts, items = flat(BASKETS)
    before, after = np.zeros((N, 2), dtype=np.int64), np.zeros((N, 2), dtype=np.int64)
    slots = np.empty(len(BASKETS), dtype=np.int64)
    n = following_slots(customers, starts, items, before, after, slots)
    pairs = [(own[i], own[i + 1]) for own in BASKETS for i in range(len(own) - 1)]
    assert n == len(pairs)
    different = dense({pair: times for pair, times in following(BASKETS).items() if pair[0] != pair[1]})
    assert before[:, 0].tolist() == different.sum(axis=1).tolist()
    assert after[:, 0].tolist() == different.sum(axis=0).tolist()
    assert before[:, 1].tolist() == [sum(item in first for first, _ in pairs) for item in range(N)]
    assert after[:, 1].tolist() == [sum(item in then for _, then in pairs) for item in range(N)]
    own = [sum(a != b for i in range(len(groups) - 1) for a in groups[i] for b in groups[i + 1]) for groups in BASKETS]
    assert slots.tolist() == own
