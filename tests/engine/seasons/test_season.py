from datetime import date

import numpy as np
import pytest

from whalecurve.engine.seasons import Season, Span


def number(text):
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def by_day(season, first, last):
    return season.factors(number(first), number(last)).tolist()


def span(start, factor, end=None):
    return Span(start=start, end=end, factor=factor)


def test_weeks_of_the_year_come_again_every_year():
    season = Season(weeks=tuple(range(1, 53)))
    for year in (2023, 2024):
        factors = by_day(season, f"{year}-01-01", f"{year}-12-31")
        assert factors[:8] == [1.0] * 7 + [2.0]
        assert factors[-8:] == [52.0] * 8
        assert by_day(season, f"{year}-03-05", f"{year}-03-05") == [10.0]


def test_a_dated_span_lasts_until_the_next_one_and_the_last_for_ever():
    season = Season(spans=(span("2024-03-10", 3.0), span("2024-03-05", 2.0)))
    assert by_day(season, "2024-03-04", "2024-03-11") == [1.0, *[2.0] * 5, 3.0, 3.0]
    assert by_day(season, "2090-01-01", "2090-01-01") == [3.0]


def test_a_yearly_span_goes_round_the_turn_of_the_year():
    season = Season(spans=(span("11-20", 2.0), span("01-05", 0.5)))
    assert by_day(season, "2023-11-19", "2023-11-20") == [0.5, 2.0]
    assert by_day(season, "2024-01-04", "2024-01-05") == [2.0, 0.5]


def test_spans_with_an_end_go_over_dated_ones_and_these_over_yearly_ones():
    season = Season(
        spans=(span("2024-12-24", 0.0, "2024-12-26"), span("12-01", 2.0), span("02-01", 1.0), span("2024-12-25", 5.0))
    )
    assert by_day(season, "2024-12-23", "2024-12-27") == [2.0, 0.0, 0.0, 0.0, 5.0]


def test_a_yearly_span_with_an_end_may_go_round_the_turn_of_the_year():
    season = Season(spans=(span("12-30", 0.0, "01-02"),))
    assert by_day(season, "2023-12-29", "2024-01-03") == [1.0, 0.0, 0.0, 0.0, 0.0, 1.0]


def test_a_scaled_calendar_has_a_mean_of_one_over_the_days_observed():
    season = Season(spans=(span("12-01", 3.0), span("01-01", 0.5)))
    scaled = season.scaled_to(number("2022-01-01"), number("2023-12-31"))
    assert np.mean(by_day(scaled, "2022-01-01", "2023-12-31")) == pytest.approx(1.0, rel=1e-14)
    assert scaled.scaled_to(number("2022-01-01"), number("2023-12-31")) == scaled


def test_a_season_comes_back_from_its_record():
    weeks = Season(weeks=tuple(np.linspace(0.5, 1.5, 52).tolist()), standard_errors=(0.1,) * 52)
    spans = Season(spans=(span("12-01", 3.0), span("2024-05-01", 0.0, "2024-05-02")), source="a.csv", scale=1.3)
    for season in (weeks, spans):
        assert Season.from_dict(season.to_dict()) == season


@pytest.mark.parametrize(
    "wrong", [{"weeks": [1.0] * 51}, {"weeks": []}, {"weeks": [-1.0] * 52}, {"scale": float("nan")}]
)
def test_what_is_no_season_is_refused(wrong):
    record = Season(weeks=(1.0,) * 52).to_dict() | wrong
    with pytest.raises(ValueError, match="season"):
        Season.from_dict(record)
