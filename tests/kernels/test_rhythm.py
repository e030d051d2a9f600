"""Days of rhythms, against a search day by day in fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whalecurve.kernels import rhythm
from whalecurve.kernels.rhythm import NEVER, next_days, points

CURVE = np.array([1.0, 1.0, 0.75, 0.75, 0.5, 0.25, 0.0])
OWN, MOST = 3.0, 40


def longer(k, span, days):
    everybody = Fraction(CURVE[min(days, CURVE.size - 1)])
    own = Fraction(span, span + days) ** k if k else 0
    return (k * own + 3 * everybody) / (k + 3)


def first_day(k, span, left, days):
    return next((day for day in days if longer(k, span, day) <= left), NEVER)


def arrays(*numbers):
    return [np.array([float(number)]) for number in numbers]


histories = st.integers(0, 9).flatmap(lambda k: st.tuples(st.just(k), st.integers(k, 60) if k else st.just(0)))


@settings(deadline=None, max_examples=100)
@given(histories, st.sampled_from([0.5, 0.25, 0.125, 0.75]))
def test_a_point_is_the_first_day_of_all(history, left):
    k, span = history
    found = points(*arrays(k, span), left, 2, CURVE, OWN).item()
    assert found == first_day(k, max(span, 1), Fraction(left), range(2 * span + CURVE.size + 1))


@settings(deadline=None, max_examples=100)
@given(histories, st.integers(0, 30))
def test_next_days_are_the_first_of_all_after_the_silence(history, silence):
    (k, span), ahead = history, range(silence + 1, silence + MOST + 1)
    left = longer(k, max(span, 1), silence)
    if left == 0:
        return  # nothing is longer, and everybody overdue
    shares = (Fraction(1, 2), Fraction(3, 4), Fraction(1, 4))
    expected = [first_day(k, max(span, 1), left * share, ahead) for share in shares]
    if k <= OWN or expected[0] == NEVER:
        expected[1:] = [NEVER] * 2
    found = next_days(*arrays(k, span), np.array([silence]), MOST, CURVE, OWN)
    assert found[:, 0].tolist() == expected


def test_without_a_purchase_there_is_no_day():
    assert points(*arrays(-1, 0), 0.5, 2, CURVE, OWN).tolist() == [NEVER]
    assert next_days(*arrays(-1, 0), np.array([0]), MOST, CURVE, OWN).tolist() == [[NEVER]] * 3


@pytest.mark.parametrize("few", [0, 1 << 16])
def test_threads_change_nothing(monkeypatch, few):
    monkeypatch.setattr(rhythm, "FEW_ROWS", few)
    rng = np.random.default_rng(2)
    k = rng.integers(-1, 8, 1_000).astype(np.float64)
    span, silence = 10.0 * np.maximum(k, 0.0), rng.integers(0, 9, 1_000)
    found = next_days(k, span, silence, MOST, CURVE, OWN)
    for i in (0, 333, 666, 999):
        alone = next_days(k[i : i + 1], span[i : i + 1], silence[i : i + 1], MOST, CURVE, OWN)
        assert found[:, i].tolist() == alone[:, 0].tolist()
