"""When events happen of which some were not waited for, against plain Python."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whalecurve.engine.statistics import kaplan_meier
from whalecurve.engine.statistics.survival import LEAST_AT_RISK

DAYS = st.lists(st.integers(0, 40), max_size=60)
SHARES = st.sampled_from([Fraction(1, 2), Fraction(4, 5), Fraction(9, 10), Fraction(19, 20)])


def counts_of(durations):
    return np.bincount(np.array(durations, dtype=np.int64))


def share_with_event_by_day(events, censored):
    """Exact: {day: share}, as far as the curve reaches."""
    left, curve = Fraction(1), {}
    for day in sorted({*events, *censored}):
        at_risk = sum(duration >= day for duration in [*events, *censored])
        left *= 1 - Fraction(events.count(day), at_risk)
        curve[day] = (1 - left, at_risk)
    enough = [day for day, (_, at_risk) in curve.items() if at_risk >= LEAST_AT_RISK]
    return {day: share for day, (share, _) in curve.items() if not enough or day <= enough[-1]}


@settings(max_examples=200, deadline=None)
@given(DAYS, DAYS, SHARES)
def test_a_quantile_of_events_is_the_first_day_by_which_that_share_of_those_who_have_one_had_it(
    events, censored, share
):
    curve = share_with_event_by_day(events, censored)
    end = max(curve.values(), default=Fraction(0))
    expected = next((day for day, found in curve.items() if found >= share * end), None) if end else None
    found = kaplan_meier(counts_of(events), counts_of(censored))
    assert found.quantile_of_events(float(share)) == expected
    assert found.share_of_events == (pytest.approx(float(end), abs=1e-12) if curve else None)


def test_those_who_never_have_an_event_do_not_move_its_quantile():
    events = np.repeat([10, 20, 30, 40, 50], 40)
    for n_never in (0, 200, 10_000):
        found = kaplan_meier(counts_of(events), counts_of([400] * n_never))
        assert found.quantile_of_events(0.8) == 40


def test_one_late_event_among_few_that_are_left_does_not_move_the_end_of_the_curve():
    events, censored = np.repeat([10, 20, 30, 40, 50], 40), [60] * 200
    assert kaplan_meier(counts_of([*events, 700]), counts_of(censored)).quantile_of_events(0.8) == 40
    assert kaplan_meier(counts_of([*events, 700]), counts_of(censored)).share_of_events == 200 / 401


def test_counts_may_end_on_different_days():
    found = kaplan_meier(np.array([0, 2]), np.array([0, 0, 0, 2]))
    assert found.days.tolist() == [1, 3]
    assert found.survival.tolist() == [0.5, 0.5]
