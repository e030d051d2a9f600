import numpy as np
import pytest

from tests.support.seasonal_logs import purchase_days
from whalecurve.engine.orders import day_at
from whalecurve.engine.seasons import Clock, PurchaseDays, Season
from whalecurve.engine.settings import ObservedWindow

FEW = PurchaseDays(
    customer=np.array([0, 0, 0, 1, 2, 2]), day=np.array([10, 12, 19, 11, 13, 19]), first_day=10, last_day=20
)


def test_days_are_counted_by_first_and_repeat():
    assert FEW.joined.tolist() == [1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    assert FEW.repeats.tolist() == [0, 0, 1, 0, 0, 0, 0, 0, 0, 2, 0]
    assert FEW.n_repeats == 3


def test_histories_are_those_of_the_last_day():
    histories = FEW.histories(None)
    assert list(zip(histories.x, histories.t_x, histories.T, strict=True)) == [(0, 0, 9), (1, 6, 7), (2, 9, 10)]


def test_what_was_known_earlier_leaves_out_what_came_later():
    past = FEW.until(12)
    assert past.customer.tolist() == [0, 0, 1]
    assert past.day.tolist() == [10, 12, 11]
    assert (past.first_day, past.last_day) == (10, 12)
    assert FEW.ids_until(12).tolist() == [0, 1]


def test_histories_in_operational_time_are_those_of_the_clock():
    days = purchase_days(1, customers=200)
    season = Season(weeks=tuple(np.linspace(0.2, 1.8, 52).tolist()))
    calendar = days.histories(None)
    clock = Clock.of(season, ObservedWindow(as_of=day_at(days.last_day)), float(calendar.T.max()))
    expected, got = clock.histories(calendar), days.histories(season)
    for name in ("x", "t_x", "T", "counts"):
        assert getattr(got, name) == pytest.approx(getattr(expected, name), rel=1e-11, abs=1e-9)
