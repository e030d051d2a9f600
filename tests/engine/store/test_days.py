"""Days of some customers, read apart, are those of all customers."""

import numpy as np
import pytest

from whalecurve.engine.store.days import Days
from whalecurve.engine.store.scratch import Scratch
from whalecurve.kernels.store import ENTRY_WORDS

SIZES = [3, 0, 1, 7, 0, 0, 2, 5, 4, 1]
"""Entries of customers 0 to 9, who lie in parts of 1, 4, 3 and 2."""
PARTS = [(0, 1), (1, 5), (5, 8), (8, 10)]


def entries(first, end):
    """Entries of the customers at first to end, numbered from `first`, each with its place in the log for money."""
    before = sum(SIZES[:first])
    rows = [
        (((customer - first) << 32) | (day << 1) | 1, before + i, -before - i)
        for i, (customer, day) in enumerate((c, d) for c in range(first, end) for d in range(SIZES[c]))
    ]
    return np.array(rows, dtype=np.int64).reshape(-1, ENTRY_WORDS)


@pytest.mark.parametrize("has_margin", [True, False])
@pytest.mark.parametrize("in_memory", [0, 10_000])
def test_the_days_of_any_neighbours_are_theirs_numbered_by_position(has_margin, in_memory, tmp_path):
    scratch = Scratch(tmp_path, in_memory, "days")
    days = Days(scratch, has_margin=has_margin)
    for first, end in PARTS:
        days.add(entries(first, end), first, end)
    whole = entries(0, len(SIZES))
    if not has_margin:
        whole[:, -1] = 0
    for first in range(len(SIZES) + 1):
        for end in range(first, len(SIZES) + 2):
            expected = whole[(whole[:, 0] >> 32 >= first) & (whole[:, 0] >> 32 < end)]
            assert days.entries_between(first, end).tolist() == expected.tolist()
    scratch.close()
