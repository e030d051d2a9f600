"""How long until a customer who is still active buys next, by the fitted model, once for each distinct (x, T)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from whalecurve.engine.forecasts.clv import Prospects
from whalecurve.engine.models import Fit, purchase_model
from whalecurve.engine.runtime import frozen
from whalecurve.engine.seasons import Clock
from whalecurve.engine.segments import MOST_DAYS, OWN_GAPS, WAITS
from whalecurve.engine.settings import Window
from whalecurve.kernels.arrays import Int32, Int64, Vector
from whalecurve.kernels.compiler.threads import in_parts
from whalecurve.kernels.prospects import waits_of

LEFT = (0.5, 0.75, 0.25)
"""Shares of the customers who have not bought yet: by the day itself, where its interval begins, where it ends."""

FEW_PAIRS = 1_000
"""Up to so many, threads cost more than they save."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """Days until the next purchase of customers who are still active, for each distinct (x, T).

    days : int32[pairs, 3], as `waits_if_active` gives them, of the pairs of the prospects
    """

    prospects: Prospects
    days: Int32

    def of(self, x: Vector, T: Vector, p_alive: Vector) -> Int32:
        """Those of n customers: int32[3, n], 0 where P(alive) is below a half, or the day is not told."""
        pairs = self.prospects
        found: Int32 = waits_of(
            frozen(x), frozen(T), frozen(p_alive), pairs.codes, pairs.position, self.days, pairs.n_steps,
            pairs.steps_per_unit,
        )  # fmt: skip
        return found


def waits_of_pairs(prospects: Prospects, fit: Fit, window: Window, clock: Clock | None = None) -> Waits:
    """The waits of every pair of the prospects."""
    x, steps = (prospects.codes // prospects.n_steps).astype(np.float64), prospects.codes % prospects.n_steps
    ages = steps / prospects.steps_per_unit
    T = ages if clock is None else clock.ages(ages)
    days = waits_if_active(x, T, T, fit, fit.values, window.days_per_unit, clock)
    return Waits(prospects=prospects, days=days)


def waits_if_active(
    x: Vector,
    t_x: Vector,
    T: Vector,
    fit: Fit,
    params: Sequence[float | Vector],
    days_per_unit: float,
    clock: Clock | None = None,
) -> Int32:
    """Whole days until the next purchase of customers who are still active.

    The day t is the first with P(no purchase in t) <= 1/2, the median of the time to the next purchase given that
    the customer is active now; who may leave before it need never come to that. The interval is from the first day
    with 3/4 at most to the first with 1/4 at most.

    Parameters
    ----------
    x, t_x, T
        float64[n], repeat purchases, time of the last one and age in model units of `days_per_unit`; with a clock,
        operational ones. t_x is looked at by models with stages alone.
    params
        The model's parameters, the same for all or float64[n] each.

    Returns
    -------
    int32[n, 3]
        The day, and the interval for those with more than `OWN_GAPS` repeat purchases and a day; 0 where it is not
        reached within `MOST_DAYS`.
    """
    quiet = purchase_model(fit.model).quiet_if_alive
    quiet(1.0, 1.0, 1.0, 1.0, *fit.values[: len(params)])  # compiled here, once, before threads ask for it
    found = np.zeros((x.size, len(LEFT)), dtype=np.int32)

    def work(first: int, end: int) -> None:
        rows = np.arange(first, end)

        def silent(days: Int64, at: Int64) -> Vector:
            own = [values[rows[at]] if isinstance(values, np.ndarray) else values for values in params]
            ahead = days / days_per_unit
            here = rows[at]
            return quiet(ahead if clock is None else clock.until(ahead), x[here], t_x[here], T[here], *own)

        low, never = np.zeros(rows.size, dtype=np.int64), np.full(rows.size, MOST_DAYS + 1)
        median = _first_day(silent, LEFT[0], low, never, np.arange(rows.size))
        own = np.flatnonzero((x[first:end] > OWN_GAPS) & (median <= MOST_DAYS))
        begins = _first_day(silent, LEFT[1], low[own], median[own], own)
        ends = _first_day(silent, LEFT[2], median[own] - 1, never[own], own)
        found[first:end, 0] = np.where(median <= MOST_DAYS, median, 0)
        found[first + own, 1] = begins
        found[first + own, 2] = np.where(ends <= MOST_DAYS, ends, 0)

    in_parts(work, x.size, few=FEW_PAIRS)
    return found


def _first_day(silent: Callable[[Int64, Int64], Vector], left: float, low: Int64, high: Int64, rows: Int64) -> Int64:
    """By bisection, the first whole day above `low` by which no more than a share is silent; `high` where none before.

    silent : days[n], rows[n] -> the share without a purchase by then
    """
    low, high = low.copy(), high.copy()
    is_open = np.flatnonzero(high - low > 1)
    while is_open.size:
        middle = (low[is_open] + high[is_open]) // 2
        is_over = silent(middle, rows[is_open]) <= left
        high[is_open[is_over]], low[is_open[~is_over]] = middle[is_over], middle[~is_over]
        is_open = is_open[high[is_open] - low[is_open] > 1]
    return high


def with_waits(customers: pl.LazyFrame, waits: Waits) -> pl.LazyFrame:
    """Add `WAITS` (Int32, days from as-of), null where none is told. Needs frequency, T and p_alive."""
    nobody = np.empty(0)
    waits.of(nobody, nobody, nobody)  # compiled here, once: Polars calls `told` from several threads

    def told(rows: pl.Series) -> pl.Series:
        frame = rows.struct.unnest().cast(pl.Float64)
        x, T, alive = (frame[name].fill_null(0.0).to_numpy() for name in frame.columns)
        return days_told(waits.of(x, T, alive)).to_struct(rows.name)  # without a purchase P(alive) is 0: none

    found = pl.struct("frequency", "T", "p_alive").map_batches(
        told, return_dtype=pl.Struct(dict.fromkeys(WAITS, pl.Int32)), is_elementwise=True
    )
    fields = {name: pl.col("__waits").struct.field(name) for name in WAITS}
    return customers.with_columns(__waits=found).with_columns(**fields).drop("__waits")


def days_told(days: Int32) -> pl.DataFrame:
    """`WAITS` from int32[3, n], null for 0."""
    table = pl.DataFrame(dict(zip(WAITS, days, strict=True)))
    return table.select(pl.when(pl.col(name) > 0).then(name).alias(name) for name in WAITS)
