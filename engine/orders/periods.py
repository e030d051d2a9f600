"""Calendar periods as opportunities to buy, numbered from that of 1970-01-01.

Weeks begin on Monday, quarters in January, April, July and October.
"""

import calendar
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.orders.days import day_number
from whalecurve.engine.settings import MONTHS_PER_PERIOD, ObservedWindow, Period

MONDAY = 3  # 1970-01-01 was a Thursday


def period_of(day: pl.Expr, period: Period) -> pl.Expr:
    """The number of the period that a day (Int32, since 1970) falls in, Int32."""
    if period == "week":
        return ((day + MONDAY) // 7).cast(pl.Int32)
    calendar_day = day.cast(pl.Date)
    months = 12 * (calendar_day.dt.year() - 1970) + calendar_day.dt.month() - 1
    return (months // MONTHS_PER_PERIOD[period]).cast(pl.Int32)


def last_complete(as_of: date, period: Period) -> int:
    """The number of the last period that is over at the end of a day: one still open is no opportunity missed."""
    if period == "week":
        is_over = as_of.weekday() == calendar.SUNDAY
    else:
        is_last_day = as_of.day == calendar.monthrange(as_of.year, as_of.month)[1]
        is_over = is_last_day and as_of.month % MONTHS_PER_PERIOD[period] == 0
    return period_number(as_of, period) - (0 if is_over else 1)


def first_day_of(day: date, period: Period) -> date:
    """The first day of the period that a day falls in."""
    if period == "week":
        return day - timedelta(days=day.weekday())
    months = MONTHS_PER_PERIOD[period]
    return day.replace(month=(day.month - 1) // months * months + 1, day=1)


def forecast_start(window: ObservedWindow) -> date:
    """The day that forecasts begin with: the one after `as_of`, or the first day of the period that is still open."""
    as_of = window.as_of
    if as_of == date.max:
        return as_of
    if window.period is None or last_complete(as_of, window.period) == period_number(as_of, window.period):
        return as_of + timedelta(days=1)
    return first_day_of(as_of, window.period)


def period_number(day: date, period: Period) -> int:
    """The number of the period that a day falls in."""
    if period == "week":
        return (day_number(day) + MONDAY) // 7
    return (12 * (day.year - 1970) + day.month - 1) // MONTHS_PER_PERIOD[period]


def period_ends(numbers: NDArray[np.int64], period: Period) -> NDArray[np.int64]:
    """The last days of periods, in days since 1970."""
    if period == "week":
        return 7 * (numbers + 1) - MONDAY - 1
    after = ((numbers + 1) * MONTHS_PER_PERIOD[period]).astype("datetime64[M]").astype("datetime64[D]")
    return after.astype(np.int64) - 1
