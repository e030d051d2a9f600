from datetime import date

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracle import seasonal
from tests.support.seasonal_logs import FIRST_DAY, purchase_days, swinging
from whalecurve.engine.models import collapsed
from whalecurve.engine.seasons import Clock, Season, Span
from whalecurve.engine.settings import ObservedWindow
from whalecurve.kernels import bgnbd

FLAT = Season(weeks=(1.0,) * 52)
AS_OF = date(2024, 11, 17)
PIECES = [(40, 0.5), (60, 1.25), (23, 0.0), (300, 2.5)]
"""Days and factors from the first purchase, 110 days before the last day observed."""
PARAMS = (0.6, 12.0, 0.8, 4.0)


def clock_of(season, unit="day", longest=1000.0):
    return Clock.of(season, ObservedWindow(as_of=AS_OF, unit=unit), longest)


def pieced():
    """A calendar with the pieces: the first of them begins on the day after the first purchase."""
    first = date(2024, 7, 31)  # 110 days before AS_OF comes 30 July
    starts, t = [], 0
    for days, factor in PIECES:
        starts.append(Span(start=date.fromordinal(first.toordinal() + t).isoformat(), end=None, factor=factor))
        t += days
    return Season(spans=tuple(starts))


def test_the_pieces_begin_after_the_first_purchase():
    assert (AS_OF - date(2024, 7, 30)).days == 110


@pytest.mark.parametrize("unit", ["day", "week", "month"])
def test_a_flat_season_leaves_all_times_as_they_are(unit):
    clock = clock_of(FLAT, unit)
    days = clock.per_unit
    T, t_x = np.array([0.0, 5.0, 700.0]) / days, np.array([0.0, 5.0, 11.0]) / days
    assert clock.ages(T) == pytest.approx(T, rel=1e-14)
    assert np.concatenate(clock.history(t_x, T)) == pytest.approx(np.concatenate([t_x, T]), rel=1e-13)
    ahead = np.array([0.0, 0.3, 30.4375, 36_525.0]) / days
    assert clock.until(ahead) == pytest.approx(ahead, rel=1e-12)


@pytest.mark.parametrize("history", [(0, 0, 110), (1, 35, 110), (3, 99, 110), (7, 110, 110)])
def test_p_alive_is_that_of_the_process_in_calendar_time(history):
    mp.mp.dps = seasonal.DIGITS
    x, t_x, T = history
    operational = clock_of(pieced()).history(np.array([float(t_x)]), np.array([float(T)]))
    alive = bgnbd.p_alive(float(x), *(times[0] for times in operational), *PARAMS)
    expected = seasonal.p_alive(x, mp.mpf(t_x), mp.mpf(T), PIECES, *map(mp.mpf, PARAMS))
    assert alive == pytest.approx(float(expected), rel=1e-12)


@pytest.mark.parametrize("history", [(0, 0, 110, 20), (3, 99, 110, 90), (7, 110, 110, 45.5)])
def test_expected_purchases_are_those_of_the_process_in_calendar_time(history):
    mp.mp.dps = 20
    x, t_x, T, t = history
    clock = clock_of(pieced())
    operational = clock.history(np.array([float(t_x)]), np.array([float(T)]))
    got = bgnbd.conditional_expected_purchases(
        clock.until(float(t)), float(x), *(times[0] for times in operational), *PARAMS
    )
    expected = seasonal.expected_purchases(mp.mpf(t), x, mp.mpf(t_x), mp.mpf(T), PIECES, *map(mp.mpf, PARAMS))
    assert got == pytest.approx(float(expected), rel=1e-10)


@given(
    st.lists(st.floats(0.0, 10.0), min_size=52, max_size=52).filter(lambda factors: max(factors) > 0.1),
    st.integers(0, 900),
    st.integers(0, 900),
)
def test_a_history_stays_one(factors, T, t_x):
    T, t_x = max(T, t_x), min(T, t_x)
    clock = clock_of(Season(weeks=tuple(factors)))
    mapped = clock.histories(collapsed([2.0, 0.0], [t_x, 0.0], [T, T], [3.0, 4.0]))
    assert (mapped.t_x >= 0.0).all()
    assert (mapped.t_x <= mapped.T).all()
    assert mapped.t_x[mapped.x == 0.0] == 0.0
    assert mapped.n == 7.0
    ends = clock.until(np.array([0.0, 1.5, 91.0, 36_525.0]))
    assert ends[0] == 0.0
    assert (np.diff(ends) >= 0.0).all()


def test_simulated_customers_buy_what_is_expected_of_them_in_the_clock():
    """The process drawn in calendar time, customer by customer, against the kernels at the rates it was drawn with."""
    days = purchase_days(21, customers=8_000, swing=0.6, params=PARAMS)
    split = FIRST_DAY + 660  # 91 days up to the middle of January, across the peak
    past, factors = days.until(split), swinging(800, 0.6)
    tau = np.append(0.0, np.cumsum(factors))
    x, first, last = past.times()
    at = [tau[day - FIRST_DAY + 1] for day in (first, last, split, split + 91)]
    expected = bgnbd.conditional_expected_purchases(at[3] - at[2], x, at[1] - at[0], at[2] - at[0], *PARAMS)
    known = days.customer <= past.customer.max()
    came = (days.day > split) & (days.day <= split + 91) & known & np.isin(days.customer, days.ids_until(split))
    bought = np.bincount(np.searchsorted(days.ids_until(split), days.customer[came]), minlength=x.size)
    error = (expected - bought).sum() / np.sqrt(x.size * np.var(expected - bought))
    assert abs(error) < 3.0
    calendar = bgnbd.conditional_expected_purchases(91.0, x, last - first, split - first, *PARAMS)
    assert bought.sum() > 1.2 * calendar.sum()
