"""The best items that a customer has not bought, against all of them ranked."""

import math

import numpy as np
import pytest

from whalecurve.kernels.baskets import Partners, Shelves, next_items

N, N_SHELVES, MOST = 15, 3, 4


def read_only(array):
    array.flags.writeable = False
    return array


def drawn(seed):
    rng = np.random.default_rng(seed)
    popular = rng.integers(1, 6, N).astype(float)  # ties, too
    shelf_of_item = rng.integers(-1, N_SHELVES, N)
    logs = {
        (a, b): float(rng.choice([-0.5, 0.25, 1.0]))
        for a in range(N)
        for b in range(N)
        if a != b and rng.random() < 0.4
    }
    own = [sorted({int(item) for item in rng.integers(0, N, rng.integers(0, 8))}) for _ in range(40)]
    shelf = rng.integers(-1, N_SHELVES, len(own))
    return popular, shelf_of_item, logs, own, shelf


def tables(popular, shelf_of_item, logs):
    of_shelf = [
        sorted((item for item in range(N) if shelf_of_item[item] == shelf), key=lambda item: (-popular[item], item))
        for shelf in range(N_SHELVES)
    ]
    ends = np.cumsum([0, *map(len, of_shelf)])
    shelves = Shelves(
        of_item=read_only(shelf_of_item.astype(np.int32)),
        starts=read_only(ends.astype(np.int64)),
        items=read_only(np.array([item for shelf in of_shelf for item in shelf], dtype=np.int32)),
        logs=read_only(np.log(popular)),
    )
    pairs = sorted(logs)
    counts = [sum(a == item for a, _ in pairs) for item in range(N)]
    partners = Partners(
        starts=read_only(np.cumsum([0, *counts]).astype(np.int64)),
        items=read_only(np.array([b for _, b in pairs], dtype=np.int32)),
        logs=read_only(np.array([logs[pair] for pair in pairs])),
    )
    return shelves, partners


def worth_of(item, own, popular, logs):
    told = sum(logs.get((a, item), 0.0) for a in own)
    return math.log(popular[item]) + (told / math.sqrt(len(own)) if own else 0.0)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_best_are_those_of_the_shelf_by_popularity_and_what_is_bought(seed):
    popular, shelf_of_item, logs, own, shelf = drawn(seed)
    shelves, partners = tables(popular, shelf_of_item, logs)
    starts = read_only(np.cumsum([0, *map(len, own)]).astype(np.int64))
    items = read_only(np.array([item for one in own for item in one], dtype=np.int32))
    found, reasons, worth = next_items(starts, items, read_only(shelf.astype(np.int32)), shelves, partners, MOST)
    for customer, mine in enumerate(own):
        candidates = [
            i for i in range(N) if shelf[customer] >= 0 and shelf_of_item[i] == shelf[customer] and i not in mine
        ]
        best = sorted(candidates, key=lambda item: (-worth_of(item, mine, popular, logs), item))[:MOST]
        values = [worth_of(item, mine, popular, logs) for item in best]
        assert worth[customer, : len(best)].tolist() == pytest.approx(values, rel=1e-12)
        assert np.isnan(worth[customer, len(best) :]).all()
        mine_found = found[customer, : len(best)].tolist()  # of those that are worth the same, any may be told
        assert [worth_of(item, mine, popular, logs) for item in mine_found] == pytest.approx(values, rel=1e-12)
        assert len(set(mine_found)) == len(best)
        assert set(mine_found) <= set(candidates)
        assert (found[customer, len(best) :] == -1).all()
        for item, reason in zip(found[customer].tolist(), reasons[customer].tolist(), strict=True):
            speaks = [(logs.get((a, item), 0.0), -a) for a in mine]
            most, a = max(speaks, default=(0.0, 1))
            assert reason == (-a if item >= 0 and most > 0.0 else -1)
