import numpy as np
import pytest

from whalecurve.kernels.prospects import codes_of, look_up, waits_of

N_STEPS, PER_UNIT = 100, 7.0  # weeks of seven days
X, T = np.array([0.0, 0.0, 1.0, 3.0]), np.array([0, 21, 14, 99]) / PER_UNIT
TABLE = np.array([[1.0, 0.5, 0.9], [2.0, 0.25, 1.8], [3.0, 0.125, 2.7], [4.0, 0.0, 3.6]])
NOWHERE = np.empty(0, dtype=np.int32)


def looked_up(x, times, alive, position):
    codes = codes_of(X, T, N_STEPS, PER_UNIT)
    return look_up(np.array(x), np.array(times), np.array(alive), codes, position, TABLE, N_STEPS, PER_UNIT)


def dense():
    codes = codes_of(X, T, N_STEPS, PER_UNIT)
    position = np.zeros(codes[-1] + 1, dtype=np.int32)
    position[codes] = np.arange(codes.size)
    return position


def test_pairs_are_numbered_by_purchases_and_then_by_whole_steps():
    assert codes_of(X, T, N_STEPS, PER_UNIT).tolist() == [0, 21, 114, 399]


@pytest.mark.parametrize("position", [NOWHERE, dense()], ids=["searched", "dense"])
def test_prospects_are_those_of_the_pair_times_the_chance_to_be_active(position):
    x, times, alive = [3.0, 0.0, 3.0], [99 / 7.0, 3.0, 99 / 7.0], [0.5, 1.0, 0.0]
    purchases, p_purchase, discounted, at_stake = looked_up(x, times, alive, position)
    assert purchases.tolist() == [2.0, 2.0, 0.0]
    assert p_purchase.tolist() == [0.5, 0.75, 0.0]
    assert discounted.tolist() == [1.8, 1.8, 0.0]
    assert at_stake.tolist() == [3.6, 1.8, 3.6]  # whether they are active or not


@pytest.mark.parametrize("position", [NOWHERE, dense()], ids=["searched", "dense"])
def test_waits_are_those_of_the_pair_for_whoever_is_rather_active_than_not(position):
    x, times, alive = [3.0, 0.0, 3.0, 1.0, 0.0], [99 / 7.0, 3.0, 99 / 7.0, 2.0, 0.0], [0.5, 1.0, 0.49, np.nan, 0.9]
    waits = np.array([[0, 0, 0], [9, 0, 0], [5, 2, 8], [7, 3, 0]], dtype=np.int32)
    codes = codes_of(X, T, N_STEPS, PER_UNIT)
    found = waits_of(np.array(x), np.array(times), np.array(alive), codes, position, waits, N_STEPS, PER_UNIT)
    assert found.T.tolist() == [[7, 3, 0], [9, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]]


@pytest.mark.parametrize("position", [NOWHERE, dense()], ids=["searched", "dense"])
@pytest.mark.parametrize(("x", "time"), [(4.0, 0.0), (2.0, 3.0), (0.0, 1.0)], ids=["beyond", "between", "in a gap"])
def test_a_pair_that_is_not_in_the_table_is_no_number_at_all(position, x, time):
    with pytest.raises(ValueError, match="not among those of the table"):
        looked_up([x], [time], [1.0], position)
