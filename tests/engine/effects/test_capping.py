import numpy as np
import pytest

from whalecurve.engine.effects import cap_of


def test_the_cap_is_an_amount_that_there_is_and_exact():
    amounts = np.array([2**53 + 1, -5, 3, 0], dtype=np.int64)
    assert cap_of(amounts, 0.99) == 2**53 + 1
    assert cap_of(amounts, 0.5) == 5


def test_where_most_had_nothing_it_is_of_those_who_had_any():
    assert cap_of(np.array([0.0] * 98 + [4.0, 7.0]), 0.5) == 7.0
    assert cap_of(np.zeros(5), 0.9) is None
    assert cap_of(np.zeros(0), 0.9) is None


@pytest.mark.parametrize("share", [0.5, 0.9, 0.95, 0.99, 0.999])
def test_it_is_the_quantile_of_all_or_of_those_who_had_any(share):
    rng = np.random.default_rng(3)
    for n, n_some in ((1, 1), (2, 1), (50, 50), (400, 30), (1_000, 9), (1_000, 400)):
        amounts = np.zeros(n, np.int64)
        amounts[:n_some] = rng.integers(-(10**6), 10**6, n_some)
        size = np.abs(amounts)
        of_all = np.quantile(size, share, method="higher")
        of_some = np.quantile(size[size > 0], share, method="higher")
        assert cap_of(amounts, share) == (of_all or of_some)
