"""What measures over time look like to the person who asked for them."""

from datetime import date, timedelta

import numpy as np

from tests.oracle.measures import Day
from tests.support.day_logs import sums_of
from whalecurve.cli.reports.understand.measures import measures_text
from whalecurve.engine.measures.measures import MeasureSettings, measures_of

START = date(2023, 1, 1)


def headline(log, n, days=800):
    as_of = START + timedelta(days=days)
    setting = MeasureSettings(observed_from=START, as_of=as_of, schemes=(("rfm", ("best", "rest")),))
    return measures_of(sums_of(log, setting, np.arange(n).reshape(-1, 1) % 2)).headline()


def test_it_says_how_many_come_back_and_tables_every_segment():
    log = [Day(c, START + timedelta(days=c + 30 * k), 10) for c in range(10) for k in range(1 + 5 * (c % 2))]
    text = measures_text(headline(log, 10))
    assert text.startswith("10 customers with a purchase, 2023-01-01 to 2025-03-11\n50.0% bought again")
    assert "50.0% of new customers came back within 90 days (95% interval 23.7% to 76.3%)" in text
    assert "median 30 days" in text
    assert "\nmonth      2025-02-01" in text
    assert "\nyear       2024-01-01" in text
    assert "\nbest" in text
    assert "\nrest" in text


def test_what_follows_from_how_segments_are_defined_has_an_asterisk():
    log = [Day(c, START + timedelta(days=c + 30 * k), 10) for c in range(10) for k in range(1 + 5 * (c % 2))]
    found = headline(log, 10)
    assert found["by_definition"] == [
        *("repeat_rate", "one_and_done_rate", "stickiness", "next_p25", "next_p50", "next_p75"),
        *("annual_churn", "lifespan", "simple_clv"),
    ]
    text = measures_text(found)
    assert " repeat*  one and done*  sticky*  median gap  half back by*  annual churn*  returned  simple CLV*  " in text
    assert text.count("\n* by the group that customers are in today, ") == 1


def test_what_is_not_known_is_a_dash():
    text = measures_text(headline([Day(0, START, 10)], 1, days=10))
    assert "nan" not in text.lower()
    assert "simple customer lifetime value -" in text
    assert "median no number of days" in text


def test_a_period_in_which_nobody_could_be_seen_to_come_back_has_a_dash():
    text = measures_text(headline([Day(0, START, 10)], 1, days=400))
    (year,) = (line for line in text.splitlines() if line.startswith("year "))
    assert year.split()[:5] == ["year", "2023-01-01", "1", "1", "-"]


def test_nobody_is_said_to_be_nobody():
    assert measures_text(headline([], 0)) == "no customers: nothing to measure"
