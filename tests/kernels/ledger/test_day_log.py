"""The day log's kernels against entries written down by hand."""

import numpy as np
import pytest

from whalecurve.kernels.ledger.day_log import (
    EARLIER_VALUE,
    NO_DAY,
    PASSED_WORDS,
    RECENT_VALUE,
    YEAR_VALUE,
    begin,
    look_back,
    windows,
)
from whalecurve.kernels.ledger.days import entry_of

AS_OF = 1_000
BOTH = np.arange(2)
ENTRIES = [  # customer, day, purchase, revenue of the day, margin up to it
    (0, 635, True, 5, 3),
    (1, 640, True, 70, 40),
    (0, 636, True, 50, 13),
    (0, 820, False, -9, 6),
    (1, 911, True, 8, 41),
    (0, 821, True, 11, 16),
    (0, 910, True, 20, 26),
    (1, 1_000, True, 1, 40),
]


def entries():
    rows = [(entry_of(row, day, bought), revenue, margin) for row, day, bought, revenue, margin in ENTRIES]
    return np.array(rows, dtype=np.int64)


def looked_back(*, uses_margin, blocks, skipped=(0, 0)):
    passed, gaps = np.zeros((2, PASSED_WORDS), np.int64), np.zeros(400, np.int64)
    begin(passed, np.array(skipped, dtype=np.uint8))
    for block in np.array_split(entries(), blocks):
        assert look_back(block, uses_margin, AS_OF, passed, gaps) == len(block)
    in_all = np.array([26, 40] if uses_margin else [77, 79])
    spent, second = windows(passed, BOTH, in_all)
    assert windows(passed, np.array([1]), in_all[1:])[0].tolist() == spent[:, 1:].tolist()
    return spent.T, second.tolist(), {d: int(n) for d, n in enumerate(gaps) if n}


@pytest.mark.parametrize("blocks", [1, 3, 8])
def test_windows_end_with_the_last_day_and_include_both_ends(blocks):
    windows, second, gaps = looked_back(uses_margin=False, blocks=blocks)
    assert windows[0, YEAR_VALUE] == 50 - 9 + 11 + 20  # day 635 is 365 days ago, one too many
    assert windows[0, RECENT_VALUE] == 0  # day 910 is 90 days ago
    assert windows[0, EARLIER_VALUE] == 11 + 20  # day 821 is 179 days ago, day 820 one more
    assert windows[1, YEAR_VALUE] == 70 + 8 + 1
    assert windows[1, RECENT_VALUE] == 8 + 1
    assert windows[1, EARLIER_VALUE] == 0
    assert second == [636, 911]
    assert gaps == {1: 1, 185: 1, 89: 2, 271: 1}  # the day of a return alone is no purchase


def test_windows_of_margin_add_up_what_each_day_brought():
    windows, _, _ = looked_back(uses_margin=True, blocks=2)
    assert windows[:, YEAR_VALUE].tolist() == [10 - 7 + 10 + 10, 40 + 1 - 1]
    assert windows[:, EARLIER_VALUE].tolist() == [20, 0]


def test_gaps_of_customers_who_are_counted_elsewhere_do_not_count():
    _, second, gaps = looked_back(uses_margin=False, blocks=1, skipped=(1, 0))
    assert gaps == {271: 1, 89: 1}
    assert second == [NO_DAY, 911]
