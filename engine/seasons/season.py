"""A season: by which factor purchases come faster or slower on each day, all else equal."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from whalecurve.engine.orders import day_number
from whalecurve.engine.seasons.year import PARTS, parts_of
from whalecurve.kernels.arrays import Int64, Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Days of one factor, from `start` on.

    start : a day like 2025-11-24, or one of every year like 11-24
    end : the last day, included; None: until the next span of the same kind that has none either
    """

    start: str
    end: str | None
    factor: float

    @property
    def is_yearly(self) -> bool:
        """Whether it comes every year."""
        return len(self.start) == len("11-24")


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """Factors on the rate of purchases.

    weeks : 52 factors by week of the year, of mean one over the days of a year; empty for a calendar
    standard_errors : of the logs of these; empty where they are given
    spans : of a calendar, whose file `source` is; `scale` divides its factors, for a mean of one over the days observed
    """

    weeks: tuple[float, ...] = ()
    standard_errors: tuple[float, ...] = ()
    spans: tuple[Span, ...] = ()
    source: str | None = None
    scale: float = 1.0

    def factors(self, first: int, last: int) -> Vector:
        """The factor of each day from `first` to `last`, both included, in days since 1970."""
        days = np.arange(first, last + 1, dtype=np.int64)
        if self.weeks:
            by_week: Vector = np.array(self.weeks)[parts_of(days)]
            return by_week
        return _of_spans(days, self.spans) / self.scale

    def scaled_to(self, first: int, last: int) -> Self:
        """The season with a mean of one over these days; a season by week has it over the year, and stays."""
        if self.weeks:
            return self
        return replace(self, scale=float(_of_spans(np.arange(first, last + 1, dtype=np.int64), self.spans).mean()))

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON."""
        lists = {name: list(getattr(self, name)) for name in ("weeks", "standard_errors")}
        return asdict(self) | lists | {"spans": [asdict(span) for span in self.spans]}

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Self:
        """The season that `to_dict` wrote; ValueError, KeyError or TypeError for anything else."""
        weeks = tuple(float(factor) for factor in record["weeks"])
        spans = tuple(Span(**span) for span in record["spans"])
        scale = float(record["scale"])
        factors = [*weeks, *(span.factor for span in spans), scale]
        if len(weeks) not in (0, PARTS) or not (weeks or spans) or not all(0.0 <= f < np.inf for f in factors):
            raise ValueError(f"a season has {len(weeks)} weeks and {len(spans)} spans: {factors}")
        return cls(
            weeks=weeks,
            standard_errors=tuple(float(error) for error in record["standard_errors"]),
            spans=spans,
            source=record["source"],
            scale=scale,
        )


def _of_spans(days: Int64, spans: Sequence[Span]) -> Vector:
    """Factors by day: those of every year, over them dated ones, over them spans with an end, later over earlier."""
    factors = np.ones(days.size)
    yearly = [span for span in spans if span.end is None and span.is_yearly]
    dated = [span for span in spans if span.end is None and not span.is_yearly]
    of_year = _places(days)
    if yearly:
        yearly.sort(key=lambda span: span.start)
        at = np.searchsorted([_place(span.start) for span in yearly], of_year, side="right") - 1  # -1 is the last one
        factors = np.array([span.factor for span in yearly])[at]
    if dated:
        dated.sort(key=lambda span: span.start)
        at = np.searchsorted([day_number(date.fromisoformat(span.start)) for span in dated], days, side="right") - 1
        factors = np.where(at >= 0, np.array([span.factor for span in dated])[at], factors)
    for span in spans:
        if span.end is not None:
            factors = np.where(_within(span.start, span.end, days, of_year), span.factor, factors)
    return factors


def _within(start: str, end: str, days: Int64, of_year: Int64) -> NDArray[np.bool_]:
    if len(start) == len("11-24"):
        first, last = _place(start), _place(end)
        since, until = of_year >= first, of_year <= last
        return since & until if first <= last else since | until
    return (days >= day_number(date.fromisoformat(start))) & (days <= day_number(date.fromisoformat(end)))


def _places(days: Int64) -> Int64:
    """Month and day of each day as one number: 1124 for 24 November."""
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    month = months.astype(np.int64) % 12 + 1
    places: Int64 = 100 * month + (dates - months.astype("datetime64[D]")).astype(np.int64) + 1
    return places


def _place(text: str) -> int:
    month, day = text.split("-")
    return 100 * int(month) + int(day)
