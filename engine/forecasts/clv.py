"""Stage: summary + models -> P(alive), expected purchases, expected value, CLV."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.models import HISTORY, Fit, Histories, history_arrays, purchase_model, spend_model
from whalecurve.engine.runtime import frozen, kernel_expr
from whalecurve.engine.seasons import Clock
from whalecurve.engine.settings import DAYS_PER_UNIT, Scoring, Window
from whalecurve.kernels.arrays import Vector
from whalecurve.kernels.prospects import Prospect, codes_of, look_up

DAYS_PER_YEAR, DAYS_PER_MONTH = DAYS_PER_UNIT["year"], DAYS_PER_UNIT["month"]
PURCHASE_COLUMNS = ("p_alive", "expected_purchases", "p_purchase")
AHEAD = ("discounted_purchases", "discounted_if_active")
"""Columns that CLV and value at stake are worked out of, and that are dropped again."""
VALUE_COLUMNS = ("expected_value", "clv", "clv_total", "value_at_stake")
LARGEST_TABLE = 20_000_000
"""Cells of a dense table by (x, T), four bytes each; beyond it positions are searched for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The steps that CLV is summed over: their ends in model units, and the factor that discounts each.

    risk : the risk horizon in model units
    """

    ends: NDArray[np.float64]
    discounts: NDArray[np.float64]
    risk: float


def schedule(scoring: Scoring, window: Window, clock: Clock | None = None) -> Schedule:
    """Months of 365.25/12 days up to the horizon, the last one cut there, discounted at their ends.

    Where time is counted in periods, the steps are whole periods, as many as come nearest to each horizon, at
    least one. The risk horizon is a number of days: where it is the log's own, it is known by now. With a clock, ends
    and risk horizon are in operational time; discounts go by the calendar.
    """
    assert not isinstance(scoring.risk_days, str), "the log's own risk horizon is found before anything is forecast"
    per_unit, days = window.days_per_unit, _step_days(scoring, window)
    risk = scoring.risk_days / per_unit if window.period is None else float(max(1, round(scoring.risk_days / per_unit)))
    discounts = np.asarray((1.0 + scoring.annual_discount) ** (-days / DAYS_PER_YEAR), dtype=np.float64)
    ends = np.asarray(days / per_unit, dtype=np.float64)
    if clock is not None:
        ends, risk = clock.until(ends), float(clock.until(risk))
    return Schedule(ends=ends, discounts=discounts, risk=risk)


def horizon_in_units(scoring: Scoring, window: Window) -> float:
    """Where the schedule ends, in model units."""
    return float(_step_days(scoring, window)[-1] / window.days_per_unit)


def _step_days(scoring: Scoring, window: Window) -> Vector:
    """The ends of the steps of CLV, in days."""
    per_unit = window.days_per_unit
    if window.period is not None:
        return per_unit * np.arange(1.0, max(1, round(scoring.horizon_days / per_unit)) + 1)
    n_whole = int(np.floor(scoring.horizon_days / DAYS_PER_MONTH * (1.0 + 1e-12)))
    days: Vector = DAYS_PER_MONTH * np.arange(1.0, n_whole + 1)
    is_cut = n_whole == 0 or scoring.horizon_days - days[-1] > 1e-6
    return np.append(days, float(scoring.horizon_days)) if is_cut else days


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospects:
    """What a customer who is still active is expected to do, for each distinct (x, T).

    Whether a customer is active depends on the last purchase; what an active one does, on x and T alone. There
    are few of those, so the sums over months are worked out once for each. Not so in models with stages, see
    `own_parameters`.

    codes : int64[pairs], ascending, as `codes_of` numbers pairs
    position : int32[...], the same as a dense table; empty where that would be too large
    table : float64[pairs, 3], see `kernels.prospects`
    """

    n_steps: int
    steps_per_unit: float
    codes: NDArray[np.int64]
    position: NDArray[np.int32]
    table: Vector

    def of(self, x: Vector, T: Vector, p_alive: Vector) -> Vector:
        """Expected purchases, P(purchase), discounted purchases, and those if active, of n customers: float64[4, n]."""
        pairs = self.codes, self.position, self.table, self.n_steps, self.steps_per_unit
        expected: Vector = look_up(frozen(x), frozen(T), p_alive, *pairs)
        return expected


def prospects(
    x: Vector, T: Vector, fit: Fit, window: Window, scoring: Scoring, clock: Clock | None = None
) -> Prospects:
    """Work out the prospects of every (x, T) that occurs; T in model units, whole days or periods.

    And of (0, 0): customers without a purchase are looked up there, and what is found is dropped. With a clock, the fit
    is in operational time: pairs go by the calendar, and what they are worth by the clock.
    """
    per_unit = 1.0 if window.period is not None else window.days_per_unit
    n_steps = int(np.rint(T.max() * per_unit)) + 1 if T.size else 1
    codes = np.append(codes_of(frozen(x), frozen(T), n_steps, per_unit), 0)
    size = int(codes.max()) + 1
    position = np.empty(0, dtype=np.int32)
    if size <= LARGEST_TABLE:
        occurs = np.zeros(size, dtype=np.bool_)
        occurs[codes] = True
        distinct = np.flatnonzero(occurs)
        position = np.zeros(size, dtype=np.int32)
        position[distinct] = np.arange(distinct.size, dtype=np.int32)
    else:
        distinct = np.unique(codes)
    return _valued(distinct, position, n_steps, per_unit, fit, window, scoring, clock)


def prospects_of(
    histories: Histories, fit: Fit, window: Window, scoring: Scoring, clock: Clock | None = None
) -> Prospects:
    """The prospects of all customers whose histories these are."""
    return prospects(histories.x, histories.T, fit, window, scoring, clock)


def _valued(
    codes: NDArray[np.int64],
    position: NDArray[np.int32],
    n_steps: int,
    per_unit: float,
    fit: Fit,
    window: Window,
    scoring: Scoring,
    clock: Clock | None,
) -> Prospects:
    x, T = (codes // n_steps).astype(np.float64), (codes % n_steps) / per_unit
    T = T if clock is None else clock.ages(T)
    table = table_if_active(x, T, T, fit, fit.values, schedule(scoring, window, clock))
    return Prospects(n_steps=n_steps, steps_per_unit=per_unit, codes=codes, position=position, table=table)


def table_if_active(
    x: Vector, t_x: Vector, T: Vector, fit: Fit, params: Sequence[float | Vector], steps: Schedule
) -> Vector:
    """What customers who are still active are expected to do: purchases, P(no purchase), discounted purchases.

    Parameters
    ----------
    x, t_x, T
        float64[n], repeat purchases, time of the last one and age in model units; t_x counts in models with stages.
    params
        The model's parameters, the same for all or float64[n] each.

    Returns
    -------
    float64[n, 3], see `kernels.prospects`
    """
    model = purchase_model(fit.model)
    model.ahead_if_alive(
        1.0, 1.0, 1.0, 1.0, *fit.values[: len(params)]
    )  # compiled here, once, before threads ask for it
    with ThreadPoolExecutor(max_workers=pl.thread_pool_size()) as pool:  # ufuncs let go of the interpreter
        upto = list(pool.map(lambda end: model.ahead_if_alive(end, x, t_x, T, *params), steps.ends))
    discounted, before = np.zeros_like(x), np.zeros_like(x)
    for purchases, discount in zip(upto, steps.discounts, strict=True):
        discounted += (purchases - before) * discount
        before = purchases
    table = np.empty((x.size, 3))
    table[:, Prospect.PURCHASES], table[:, Prospect.DISCOUNTED] = before, discounted
    table[:, Prospect.QUIET] = model.quiet_if_alive(steps.risk, x, t_x, T, *params)
    return table


def with_purchases(
    summary: pl.LazyFrame, fit: Fit | None, table: Prospects | None, clock: Clock | None = None
) -> pl.LazyFrame:
    """Add `p_alive`, `expected_purchases`, `p_purchase` and `AHEAD` (dropped again by `with_clv`).

    Null without a fit, and for a customer without a purchase. `table` comes from `prospects`, with the same clock.
    """
    names = (*PURCHASE_COLUMNS, *AHEAD)
    if fit is None or table is None:
        return summary.with_columns(pl.lit(None, dtype=pl.Float64).alias(name) for name in names)
    p_alive = purchase_model(fit.model).p_alive
    p_alive(1.0, 1.0, 1.0, *fit.values)  # compiled here, once: Polars calls `scored` from several threads

    def scored(rows: pl.Series) -> pl.Series:
        frame = rows.struct.unnest()
        x, t_x, T = history_arrays(frame.fill_null(0))
        alive = p_alive(x, *((t_x, T) if clock is None else clock.history(t_x, T)), *fit.values)
        scores = pl.DataFrame(dict(zip(names, (alive, *table.of(x, T, alive)), strict=True)))
        has_purchase = frame["frequency"].is_not_null()
        if not has_purchase.all():
            scores = scores.select(pl.when(has_purchase).then(pl.all()))
        return scores.to_struct(rows.name)

    scores = pl.struct(HISTORY).map_batches(
        scored, return_dtype=pl.Struct(dict.fromkeys(names, pl.Float64)), is_elementwise=True
    )
    return (
        summary.with_columns(scores=scores)
        .with_columns(pl.col("scores").struct.field(name).alias(name) for name in names)
        .drop("scores")
    )


def with_clv(customers: pl.LazyFrame, spend: Fit | None) -> pl.LazyFrame:
    """Add `expected_value` of one purchase, `clv` over the horizon, `clv_total` = value + clv, and `value_at_stake`.

    What is at stake is the discounted value of the horizon given that the customer is still active: what leaves if
    they leave. clv is that times P(alive). A customer who made losses keeps them: the expectation is linear in the
    customer's own mean. Without a fit all four are null.
    """
    if spend is None:
        customers = customers.with_columns(pl.lit(None, dtype=pl.Float64).alias(name) for name in VALUE_COLUMNS)
        return customers.drop(AHEAD)
    expected = kernel_expr(spend_model(spend.model).expected_value, "frequency", "monetary_value", params=spend.values)
    clv = pl.col("discounted_purchases") * pl.col("expected_value")
    return (
        customers.with_columns(expected_value=expected)
        .with_columns(clv=clv)
        .with_columns(
            clv_total=pl.col("value") + pl.col("clv"),
            value_at_stake=pl.col("discounted_if_active") * pl.col("expected_value"),
        )
        .drop(AHEAD)
    )
