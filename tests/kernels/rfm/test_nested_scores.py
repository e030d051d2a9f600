import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from whalecurve.kernels.rfm.nested_scores import cells, counts_within, grouped, score_counts

R_OF = np.array([3, 3, 2, 1], dtype=np.uint8)  # by days 0 .. 3
F_OF = np.array([[1, 1, 2, 3], [1, 1, 1, 2], [1, 2, 2, 3]], dtype=np.uint8)  # by R score - 1 and purchase days
DAYS = np.array([0, 3, 2, 1, 0, 3], dtype=np.int32)
PURCHASES = np.array([1, 3, 2, 0, 3, 2], dtype=np.uint32)

rows = st.lists(st.tuples(st.integers(0, 5), st.integers(-9, 9).map(float)), max_size=40)


def test_customers_are_counted_by_score_and_purchases_but_for_those_without_any():
    assert counts_within(DAYS, PURCHASES, R_OF, 3, 4).tolist() == [[0, 0, 1, 1], [0, 0, 1, 0], [0, 1, 0, 1]]


def test_a_cell_is_numbered_by_r_and_then_f_and_nobody_without_purchase_is_in_one():
    assert cells(DAYS, PURCHASES, R_OF, F_OF, 3).tolist() == [6 + 1, 0 + 2, 3 + 0, 9, 6 + 2, 0 + 1]


@settings(max_examples=50, deadline=None)
@given(rows)
def test_groups_hold_their_values_in_the_order_of_the_rows_and_no_others(pairs):
    groups, values = (np.array([pair[i] for pair in pairs], dtype=t) for i, t in enumerate((np.uint8, np.float64)))
    together, starts = grouped(values, groups, 4)
    found = [together[starts[g] : starts[g + 1]].tolist() for g in range(4)]
    assert found == [[value for group, value in pairs if group == g] for g in range(4)]
    assert together.size == starts[-1]


@settings(max_examples=50, deadline=None)
@given(rows)
def test_scores_are_counted_within_their_groups(pairs):
    cuts = np.array([[-3.0, 0.0], [1.0, np.inf], [2.0, 2.0]])
    groups, values = (np.array([pair[i] for pair in pairs], dtype=t) for i, t in enumerate((np.uint8, np.float64)))
    naive = np.zeros((3, 3), dtype=int)
    for group, value in pairs:
        if group < 3:
            naive[group, sum(value >= cut for cut in cuts[group])] += 1
    assert score_counts(values, groups, cuts).tolist() == naive.tolist()
