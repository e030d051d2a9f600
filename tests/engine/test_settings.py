"""Settings: what the user wrote, and the window once its last day is known."""

from dataclasses import replace
from datetime import date

import pytest

from whalecurve.engine import Window
from whalecurve.engine.errors import InputError
from whalecurve.engine.settings import ObservedWindow, Scoring


def test_an_observed_window_ends_with_the_last_day_unless_it_was_said_to_end_elsewhere():
    asked = Window(since=date(2024, 1, 1), timezone="Europe/Rome", unit="week")
    found = asked.observed(date(2024, 3, 31))
    assert found == ObservedWindow(as_of=date(2024, 3, 31), since=asked.since, timezone="Europe/Rome", unit="week")
    assert replace(asked, as_of=date(2024, 2, 1)).observed(date(2024, 3, 31)).as_of == date(2024, 2, 1)


def test_an_observed_window_counts_time_as_it_was_asked_to():
    found = Window(period="month").observed(date(2024, 3, 31))
    assert (found.model_unit, found.days_per_unit) == ("month", 365.25 / 12.0)
    assert replace(found, as_of=date(2024, 2, 29)).observed(date(2024, 3, 31)).as_of == date(2024, 2, 29)


@pytest.mark.parametrize("season", ["", 5, None])
def test_a_season_is_a_word_or_a_path(season):
    with pytest.raises(InputError, match="choose none, auto, estimate, or the path of a calendar"):
        Scoring(season=season)
