"""Items by other codes, against sorted sets."""

import numpy as np

from whalecurve.kernels.baskets import recoded


def test_each_group_has_the_codes_of_its_items_once_and_in_order():
    rng = np.random.default_rng(1)
    codes = np.array([3, -1, 0, 0, 2, -1, 1], dtype=np.int32)
    groups = [rng.integers(0, codes.size, rng.integers(0, 12)).astype(np.int32) for _ in range(50)]
    starts = np.cumsum([0, *map(len, groups)]).astype(np.int64)
    new_starts, new_items = np.empty(starts.size, dtype=np.int64), np.empty(starts[-1], dtype=np.int32)
    n = recoded(starts, np.concatenate(groups), codes, new_starts, new_items)
    expected = [sorted({int(codes[item]) for item in group} - {-1}) for group in groups]
    found = [new_items[new_starts[i] : new_starts[i + 1]].tolist() for i in range(len(groups))]
    assert found == expected
    assert n == sum(map(len, expected))
    assert any(not group for group in expected)
