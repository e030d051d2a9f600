"""Days of order lines: as dates, as numbers, and which of them are in the window."""

from datetime import date, timedelta

import polars as pl

from whalecurve.engine.settings import ObservedWindow

EPOCH = date(1970, 1, 1)
END_OF_CALENDAR = 2_932_897  # 10000-01-01 in days since 1970; Python's dates end the day before


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def day_at(number: int) -> date:
    """The date of a day number."""
    return EPOCH + timedelta(days=int(number))


def day_bounds(window: ObservedWindow) -> tuple[int | None, int]:
    """First and last observed day as day numbers."""
    return (day_number(window.since) if window.since else None), day_number(window.as_of)


def in_window(first_day: int | None, last_day: int) -> pl.Expr:
    """Whether a checked line is usable and its day observed, both ends included."""
    usable = (pl.col("refusal") == 0) & (pl.col("day") <= last_day)
    return usable if first_day is None else usable & (pl.col("day") >= first_day)


def day_of(dtype: pl.DataType, timezone: str | None) -> pl.Expr:
    """The calendar day of a mapped line in days since 1970 (Int32); null where there is none."""
    time = pl.col("time")
    if isinstance(dtype, pl.Datetime):
        if dtype.time_zone is not None and timezone is not None:
            time = time.dt.convert_time_zone(timezone)
        time = time.dt.date()
    return time.cast(pl.Int32, strict=False)
