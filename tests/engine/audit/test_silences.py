"""Days far from all others: found where they are wrong, and never in ordinary logs."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from whalecurve.engine.audit.silences import apart
from whalecurve.engine.orders.days import day_number
from whalecurve.engine.settings import Window


def said(lines, **window):
    """What is said of a log with so many lines on each of its days."""
    days = sorted(lines)
    used = pl.DataFrame(
        {"day": pl.Series(map(day_number, days), dtype=pl.Int32), "n": pl.Series(map(lines.get, days), dtype=pl.Int64)}
    )
    return [str(found.said()) for found in apart(used, Window(**window))]


def every_day(first, last, n=10, leave_out=()):
    days = (first + timedelta(days=i) for i in range((last - first).days + 1))
    return {day: n for day in days if not any(start <= day <= end for start, end in leave_out)}


SHOP = every_day(date(2022, 1, 1), date(2024, 5, 31), leave_out=[(date(2022, 12, 24), date(2023, 1, 6))])
FUTURE = {date(2034, 1, 5): 1, date(2034, 3, 8): 1}
PAST = {date(1970, 1, 1): 3}


def test_late_lines_behind_a_silence_are_told_with_the_last_day_before_it():
    assert said(SHOP | FUTURE) == [
        "2 lines on 2 days from 2034-01-05 to 2034-03-08: 3,506 days after all others, which end on 2024-05-31; if the "
        "dates are wrong, give as_of=2024-05-31"
    ]


def test_early_lines_before_a_silence_are_told_with_the_first_day_after_it():
    assert said(SHOP | PAST) == [
        "3 lines on 1970-01-01: 18,993 days before all others, which begin on 2022-01-01; if the dates are wrong, give "
        "since=2022-01-01"
    ]


@pytest.mark.parametrize("late", [FUTURE, {date(2400, 1, 1): 2}, FUTURE | {date(2400, 1, 1): 2}])
def test_both_ends_are_found_however_long_either_silence_is(late):
    early, then = said(SHOP | PAST | late)
    assert "1970-01-01" in early
    assert f"to {max(late)}" in then or f"on {max(late)}" in then
    assert then.endswith("as_of=2024-05-31")


def test_what_the_window_leaves_out_or_bounds_is_not_told():
    assert said(SHOP | PAST | FUTURE, as_of=date(2035, 1, 1), since=date(1970, 1, 1)) == []
    assert len(said(SHOP | PAST | FUTURE, as_of=date(2035, 1, 1))) == 1


def test_one_line_in_a_hundred_is_too_many_to_be_a_mistake():
    log = every_day(date(2024, 1, 1), date(2024, 4, 9), n=10)  # a thousand lines
    assert said(log | {date(2030, 1, 1): 10})
    assert not said(log | {date(2026, 1, 1): 11})


@pytest.mark.parametrize("silence", [31, 32, 400])
def test_the_silence_is_a_month_and_three_times_the_usual_at_least(silence):
    log = every_day(date(2022, 1, 1), date(2024, 5, 31), leave_out=[(date(2022, 12, 24), date(2023, 1, 1))])  # ten days
    late = date(2024, 5, 31) + timedelta(days=silence)
    assert bool(said(log | {late: 1})) == (silence > 30)
    longer = every_day(date(2022, 1, 1), date(2024, 5, 31), leave_out=[(date(2022, 6, 1), date(2022, 11, 30))])
    assert not said(longer | {late: 1})


def test_a_lone_day_ten_times_as_far_as_all_others_span_is_told_in_a_log_of_any_size():
    few = {date(2024, 1, day): 1 for day in (1, 2, 3, 5, 9)}
    assert said(few | {date(2042, 1, 20): 1}) == [
        "1 line on 2042-01-20: 6,586 days after all others, which end on 2024-01-09; if the dates are wrong, give "
        "as_of=2024-01-09"
    ]
    assert said({date(1999, 12, 31): 1} | few)[0].endswith("since=2024-01-01")


def seasonal(years, first=(11, 15), last=(12, 24), n=40):
    """A shop that opens for some weeks a year, a little later each year."""
    log = {}
    for i, year in enumerate(years):
        start = date(year, *first) + timedelta(days=2 * i)
        log |= every_day(start, date(year, *last), n=n)
    return log


ORDINARY = {
    "every day": SHOP,
    "closed over Christmas, and one return long after": every_day(
        date(2022, 1, 10), date(2023, 12, 22), leave_out=[(date(2022, 12, 22), date(2023, 1, 9))]
    )
    | {date(2024, 1, 15): 1},
    "weekdays only": {day: n for day, n in SHOP.items() if day.weekday() < 5},
    "Christmas market": seasonal(range(2018, 2025)),
    "Christmas market of which a season has just begun": seasonal(range(2018, 2024)) | {date(2024, 11, 28): 5},
    "Christmas market that left a year out": seasonal([2018, 2019, 2021, 2022]) | {date(2023, 11, 26): 2},
    "a gift once a year": {date(year, 12, 1 + year % 20): 3 for year in range(2005, 2025)},
    "a gift once a year, two days each": {
        date(year, 12, d): 1 for year in range(1990, 2025) for d in (3 + year % 9, 20)
    },
    "one day": {date(2024, 1, 1): 5},
    "two days": {date(2020, 1, 1): 5, date(2024, 1, 1): 1},
    "three years, one day each": {date(2021, 3, 1): 1, date(2022, 9, 1): 1, date(2024, 1, 1): 1},
    "a slow beginning": {date(2020, 1, 1): 1, date(2020, 2, 10): 1, date(2020, 3, 15): 1, date(2020, 4, 1): 2}
    | every_day(date(2020, 4, 20), date(2023, 1, 1), n=100),
    "a slow end": every_day(date(2020, 4, 20), date(2023, 1, 1), n=100)
    | {date(2023, 1, 20): 3, date(2023, 2, 20): 1, date(2023, 3, 30): 1},
    "once a month": {date(2010 + i // 12, 1 + i % 12, 1 + i % 7): 1 for i in range(150)},
}


@pytest.mark.parametrize("kind", ORDINARY)
def test_an_ordinary_log_gives_no_alarm(kind):
    assert said(ORDINARY[kind]) == []


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("rate", [0.02, 0.2, 1.0, 5.0])
def test_neither_do_days_that_come_at_random(seed, rate):
    rng = np.random.default_rng(seed)
    days = np.cumsum(1 + rng.geometric(min(rate, 0.99), 1200) - 1)
    n_lines = 1 + rng.poisson(rate, 1200)
    log = {date(2000, 1, 1) + timedelta(days=int(day)): int(n) for day, n in zip(days, n_lines, strict=True)}
    assert said(log) == []
