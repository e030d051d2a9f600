"""Sums over customers of how often each has a pair, against dictionaries."""

import numpy as np
import pytest

from tests.support.baskets import flat, following, random_baskets, together
from whalecurve.kernels.baskets import sum_following, sum_together

N = 12
BASKETS = random_baskets(np.random.default_rng(3), n_customers=80, n_items=N, most=6)


@pytest.mark.parametrize(("add", "pairs"), [(sum_together, together), (sum_following, following)])
@pytest.mark.parametrize("n_rows", [5, N])
def test_customers_squares_and_products_are_those_of_each_pair_that_is_asked_for(add, pairs, n_rows):
    customers, starts, items = flat(BASKETS)
    weights = np.random.default_rng(4).integers(0, 9, len(BASKETS))
    weights.flags.writeable = False
    found = pairs(BASKETS)
    for first in range(0, N, n_rows):
        rows = min(n_rows, N - first)
        asked = [pair for pair in sorted(found) if first <= pair[0] < first + rows][::2]
        index = np.full((rows, N), -1, dtype=np.int32)
        for number, (a, b) in enumerate(asked):
            index[a - first, b] = number
        sums = np.zeros((len(asked), 3), dtype=np.int64)
        add(customers, starts, items, weights, first, index, sums)
        for pair, row in zip(asked, sums.tolist(), strict=True):
            times = found[pair]
            products = sum(n * int(weights[customer]) for customer, n in times.items())
            assert row == [len(times), sum(n * n for n in times.values()), products]
