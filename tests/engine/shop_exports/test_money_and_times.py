from datetime import UTC, datetime

import polars as pl
import pytest

from whalecurve.engine.shop_exports.money_and_times import FORMATS, money_in, times_in
from whalecurve.engine.sql_text import quoted, sql_expression

WHEN = datetime(2024, 11, 23, 14, 5, 9)


def read(reading, values, name="x y"):
    """What the SQL makes of the values, and the spelling."""
    column = pl.Series(name, values)
    spelling = reading(quoted(name), column)
    return column.to_frame().select(v=sql_expression(spelling.sql))["v"].to_list(), spelling


@pytest.mark.parametrize("written", FORMATS)
def test_every_format_is_recognised_by_what_it_writes(written):
    times = [datetime(2024, 11, day, 14, 5, 9) for day in range(20, 28)]
    found, spelling = read(times_in, [time.strftime(written) for time in times])
    assert found == [datetime.strptime(time.strftime(written), written) for time in times]
    assert written in spelling.told


@pytest.mark.parametrize(
    "text",
    [
        "2024-11-23 14:05:09 +0000",
        "2024-11-23T15:05:09+01:00",
        "2024-11-23T08:35:09-0530",
        "2024-11-23T14:05:09Z",
        "2024-11-23 14:05:09 UTC",
        "2024-11-23 14:05:09GMT",
    ],
)
def test_a_time_with_an_offset_is_an_instant(text):
    found, spelling = read(times_in, [text, None])
    assert found == [WHEN.replace(tzinfo=UTC), None]
    assert spelling.told.endswith("with an offset from UTC")
    assert read(times_in, [text, f"{text[:19]}.123456{text[19:]}"])[0] == [
        WHEN.replace(tzinfo=UTC), WHEN.replace(microsecond=123456, tzinfo=UTC)
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["2024-11-23 14:05:09.123456", "  2024-11-23 14:05:09"])
def test_a_time_without_an_offset_is_that_of_a_clock(text):
    assert read(times_in, [text, None])[0] == [WHEN, None]


def test_times_of_which_only_some_have_an_offset_are_those_of_a_clock_and_doubtful():
    found, spelling = read(times_in, ["2024-11-23 14:05:09", "2024-11-23 14:05:09+01:00"])
    assert found == [WHEN, WHEN]
    assert spelling.doubt == "some have an offset from UTC, others none: all are read by their own clock"


def test_the_order_of_day_and_month_is_the_one_by_which_days_run_evenly():
    days = [f"{day:02}/{month:02}/2024" for month in (1, 2, 3) for day in (1, 5, 9)]
    found, spelling = read(times_in, days)
    assert found == sorted(found)
    assert found[3] == datetime(2024, 2, 1)
    assert spelling.doubt.startswith("they fit %m/%d/%Y as well;")
    assert read(times_in, [*days, "31/03/2024"])[1].doubt == ""


def test_the_two_digits_of_a_year_are_no_year_of_four():
    assert read(times_in, ["23/11/24", "24/11/24"])[0][0] == datetime(2024, 11, 23)


@pytest.mark.parametrize(
    ("number", "unit"),
    [(1_732_370_709, "seconds"), (1_732_370_709_000, "milliseconds"), (1_732_370_709_000_000, "microseconds")],
)
def test_an_epoch_is_read_by_its_size(number, unit):
    found, spelling = read(times_in, [number, None])
    assert found == [WHEN, None]
    assert spelling.told.startswith(f"{unit} since 1970")


def test_a_number_may_be_a_date():
    assert read(times_in, [20241123, 20241201])[0] == [datetime(2024, 11, 23), datetime(2024, 12, 1)]


@pytest.mark.parametrize(
    "values", [["536365", "536366"], ["Jane", "John"], [1, 2], [1.5], [None], ["2024-13-45"], [""], ["23/11/24", "x"]]
)
def test_what_is_no_time_is_not_taken_for_one(values):
    assert times_in("v", pl.Series("v", values)) is None


MONEY = {
    "pounds": (["£1,234.50", "£0.99", "-£3.00"], [1234.5, 0.99, -3.0]),
    "euros after the number": (["1.234,50 €", "2,00 €", ""], [1234.5, 2.0, None]),
    "no currency, a comma before decimals": (["12,5", "1.000,25"], [12.5, 1000.25]),
    "a code before the number": (["USD 1,000.00", "USD 5"], [1000.0, 5.0]),
    "a code after the number": (["5.10 CHF", "1'234.50 CHF"], [5.1, 1234.5]),
    "spaces between thousands": (["1 234,50", "12\u00a0345,00"], [1234.5, 12345.0]),
    "a rarer currency": (["NGN 10.00", "2.50 KES"], [10.0, 2.5]),
    "losses in brackets": (["$10.00", "($2.50)"], [10.0, -2.5]),
    "a minus sign of print": (["\u22125,00", "3,10"], [-5.0, 3.1]),
    "plain": (["3", "-4.25", None], [3.0, -4.25, None]),
    "whole thousands": (["1,000,000", "12"], [1_000_000.0, 12.0]),
    "Brazil": (["R$ 1.234,56"], [1234.56]),
    "Poland": (["1 234,56 zł"], [1234.56]),
}


@pytest.mark.parametrize(("texts", "numbers"), MONEY.values(), ids=MONEY)
def test_money_is_read_as_it_is_spelled(texts, numbers):
    assert read(money_in, texts)[0] == numbers


def test_a_cell_of_a_hundred_may_be_none_of_the_numbers():
    assert read(money_in, ["1.50"] * 99 + ["n/a"])[0] == [1.5] * 99 + [None]
    assert money_in("v", pl.Series("v", ["1.50"] * 9 + ["n/a"])) is None


def test_three_digits_after_every_mark_leave_a_doubt():
    assert read(money_in, ["1,234", "5,678"])[1].doubt == "1,234 may be a thousand times as much, or as little"
    assert read(money_in, ["1,234", "5.5"])[1].doubt == ""


@pytest.mark.parametrize(
    "values", [["Widget 5"], ["1.2.3"], [True], [None], ["12-34"], ["SW1A 1AA"], ["A12"], ["SO1001"]]
)
def test_what_is_no_number_is_not_taken_for_one(values):
    assert money_in("v", pl.Series("v", values)) is None
