"""Calendar periods as opportunities to buy: weeks from Monday, months, years, numbered from that of 1970-01-01."""

import calendar
from datetime import date, timedelta
from typing import Literal

import polars as pl

from whalecurve.engine.orders.days import day_number
from whalecurve.engine.settings import Window

Period = Literal["week", "month", "year"]
MONDAY = 3  # 1970-01-01 was a Thursday


def period_of(day: pl.Expr, period: Period) -> pl.Expr:
    """The number of the period that a day (Int32, since 1970) falls in, Int32."""
    if period == "week":
        return ((day + MONDAY) // 7).cast(pl.Int32)
    years = day.cast(pl.Date).dt.year() - 1970
    return years.cast(pl.Int32) if period == "year" else (12 * years + day.cast(pl.Date).dt.month() - 1).cast(pl.Int32)


def last_complete(as_of: date, period: Period) -> int:
    """The number of the last period that is over at the end of a day: one still open is no opportunity missed."""
    is_over = {
        "week": as_of.weekday() == 6,
        "month": as_of.day == calendar.monthrange(as_of.year, as_of.month)[1],
        "year": (as_of.month, as_of.day) == (12, 31),
    }
    return _number(as_of, period) - (0 if is_over[period] else 1)


def forecast_start(window: Window) -> date:
    """The day that forecasts begin with: the one after `as_of`, or the first day of the period that is still open."""
    assert window.as_of is not None, "an audit settles the window"
    as_of = window.as_of
    if as_of == date.max:
        return as_of
    if window.period is None or last_complete(as_of, window.period) == _number(as_of, window.period):
        return as_of + timedelta(days=1)
    if window.period == "week":
        return as_of - timedelta(days=as_of.weekday())
    return as_of.replace(day=1) if window.period == "month" else as_of.replace(month=1, day=1)


def _number(day: date, period: Period) -> int:
    if period == "week":
        return (day_number(day) + MONDAY) // 7
    years = day.year - 1970
    return years if period == "year" else 12 * years + day.month - 1
