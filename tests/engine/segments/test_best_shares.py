from fractions import Fraction

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from whalecurve.engine.segments.best_shares import cutoffs, place


def naive(values, top):
    n = len(values)
    share = {v: Fraction(2 * sum(w < v for w in values) + sum(w == v for w in values), 2 * n) for v in values}
    reached = [v for v in values if share[v] >= 1 - top]
    return min(reached) if reached else max(values)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(-6, 6).map(float), min_size=1, max_size=30),
    st.lists(st.integers(1, 99), min_size=1, max_size=5, unique=True),
)
def test_each_share_has_the_first_mid_rank_within_it_or_else_the_best_group(values, percents):
    tops = [Fraction(percent, 100) for percent in sorted(percents)]
    column = np.array(values)
    assert cutoffs(column, tops) == tuple(naive(values, top) for top in tops)
    assert sorted(column) == sorted(values)


def test_nobody_has_no_cutoffs():
    assert cutoffs(np.empty(0), [Fraction(1, 5)]) is None


def test_a_place_is_the_number_of_cutoffs_missed():
    values = pl.DataFrame({"v": [9.0, 5.0, 4.9, 1.0, None]})
    assert values.select(place(pl.col("v"), (5.0, 2.0)))["literal"].to_list() == [0, 0, 1, 2, None]
