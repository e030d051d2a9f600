"""Windows of the past as experiments that could have been: who would have taken part, and what they did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from whalecurve.engine.money import UNITS
from whalecurve.engine.orders import day_at
from whalecurve.engine.planning.history import History
from whalecurve.engine.rfm import AnyThresholds, with_rfm
from whalecurve.kernels.arrays import Int64, Vector

NO_SEGMENT = "(none)"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Labels:
    """How customers are labelled on any day: by the cut-offs of today.

    cuts, rules : thresholds of the result, and its segments as ranges of scores, in order
    value : what customers are valued by
    """

    cuts: AnyThresholds
    rules: Mapping[str, Mapping[str, Sequence[int]]]
    value: str

    def of(self, history: History, first: int) -> pl.Series:
        """The segment of each customer on the last day of stretch `first`, by what was known then."""
        last = history.last_purchase(first)
        day = history.as_of - history.days * first
        known = pl.LazyFrame(
            {
                "n_purchase_days": history.within("purchases", first, None).astype(np.int64),
                "days_since_last": np.where(last >= 0, day - last, 0),
                "value": history.within(self.value, first, None) / UNITS,
            }
        )
        scored = with_rfm(known, self.cuts)
        label = pl.lit(NO_SEGMENT)
        for name, ranges in reversed(list(self.rules.items())):  # the first that holds counts
            bounds = {score: ranges[score] for score in ("r", "f", "m")}
            is_in = pl.all_horizontal(pl.col(f"{s}_score").is_between(low, high) for s, (low, high) in bounds.items())
            label = pl.when(is_in).then(pl.lit(name)).otherwise(label)
        return scored.select(segment=label).collect()["segment"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PastWindow:
    """A window of the past, with everybody who had bought before it.

    first_day, last_day : of the window
    who : int64[n], the customers' numbers in the history; segment : their labels on the day before
    after, before : float64[n], whole numbers: the metric in the window, and in as many days right before it
    """

    first_day: date
    last_day: date
    who: Int64
    segment: pl.Series
    after: Vector
    before: Vector


def window_at(history: History, labels: Labels, metric: str, length: int, at: int, names: Any) -> PastWindow:  # noqa: ANN401
    """The window of `length` stretches that begins the last but `at` whole ones.

    names : segments that take part; None for all
    """
    first, end = at * length, (at + 1) * length
    segment = labels.of(history, end)
    is_there = history.within("purchases", end, None) > 0
    if names is not None:
        is_there &= segment.is_in(list(names)).to_numpy()
    who = np.flatnonzero(is_there)
    after, before = (_metric(history, metric, *span)[who] for span in ((first, end), (end, end + length)))
    last = day_at(history.as_of - history.days * first)
    return PastWindow(
        first_day=last - timedelta(days=history.days * length - 1),
        last_day=last,
        who=who,
        segment=segment.gather(who),
        after=after,
        before=before,
    )


def _metric(history: History, metric: str, first: int, end: int) -> Vector:
    if metric == "conversion":
        return (history.within("purchases", first, end) > 0).astype(np.float64)
    return history.within(metric, first, end)
