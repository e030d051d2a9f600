"""Calendar periods as opportunities to buy: weeks from Monday, months, years, numbered from that of 1970-01-01."""

from datetime import date, timedelta
from typing import Literal

import polars as pl

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
    return _number(as_of + timedelta(days=1), period) - 1


def _number(day: date, period: Period) -> int:
    if period == "week":
        return ((day - date(1970, 1, 1)).days + MONDAY) // 7
    years = day.year - 1970
    return years if period == "year" else 12 * years + day.month - 1
