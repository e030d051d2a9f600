import numpy as np

from whalecurve.engine.effects import cap_of


def test_the_cap_is_an_amount_that_there_is_and_exact():
    amounts = np.array([2**53 + 1, -5, 3, 0], dtype=np.int64)
    assert cap_of(amounts, 0.99) == 2**53 + 1
    assert cap_of(amounts, 0.5) == 5


def test_where_most_had_nothing_it_is_of_those_who_had_any():
    assert cap_of(np.array([0.0] * 98 + [4.0, 7.0]), 0.5) == 7.0
    assert cap_of(np.zeros(5), 0.9) is None
    assert cap_of(np.zeros(0), 0.9) is None
