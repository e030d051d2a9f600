"""Experiments without an effect, replayed: arms are drawn anew, outcomes stay."""

from datetime import timedelta

import numpy as np
import polars as pl

from tests.support.experiments import START, assigned, shop
from whalecurve.engine.orders import scan_orders
from whalecurve.engine.readouts.cohort import cohort_of
from whalecurve.engine.readouts.look import look_at
from whalecurve.engine.readouts.outcomes import Spans, outcomes
from whalecurve.engine.readouts.planned import Planned
from whalecurve.engine.readouts.timing import timing_of
from whalecurve.engine.settings import Columns, ObservedWindow

DAYS, N = 28, 1_200
LOOKS = (7, 14, 21, 28)
ALPHA = 0.05


def plan_of(customers, looks=(DAYS,)):
    return Planned(
        name="aa", hypothesis=None, arms={"control": 0.5, "offer": 0.5}, holdout=(), metric="revenue", value="revenue",
        start=customers["entered"][0], days=DAYS, entry="together", looks=looks, alpha=ALPHA, power=0.8, effect=None,
        cap=0.99, covariate="both", assigned_from=customers["entered"][0], customers=customers,
    )  # fmt: skip


def sums_of(log, start, ids, segments, looks=()):
    """Outcomes of customers from a day on."""
    table = assigned(["offer"] * len(ids), start=start, segment=segments, clv=np.arange(len(ids)) % 7 * 3.5)
    table = table.with_columns(customer_id=ids, stratum="segment", known_until=pl.col("entered"))
    spans = Spans(days=DAYS, before=DAYS, looks=looks, metric="revenue", value="revenue")
    return outcomes(log, ObservedWindow(as_of=start + timedelta(days=DAYS - 1)), table, spans)


def heavy(looks=(), tail=1.6):
    """A log whose amounts have a tail exponent of 1.6: they have no variance."""
    segments = np.random.default_rng(7).choice(["a", "b", "c"], N).tolist()
    log = scan_orders(shop(N, tail=tail), Columns())
    return sums_of(log, START, pl.int_range(1, N + 1, eager=True), segments, looks)


def replayed(sums, plan, n_times, shift=0.0, seed=1):
    """What is looked at when arms are drawn so often; `shift` is added to the treated, in currency."""
    rng = np.random.default_rng(seed)
    timing = timing_of(plan, plan.day_after(DAYS))
    for _ in range(n_times):
        arm = np.where(rng.permutation(sums.height) < sums.height // 2, "control", "offer")
        table = sums.with_columns(arm=pl.Series(arm))
        if shift:
            more = pl.when(pl.col("arm") == "offer").then(round(shift * 1e6)).otherwise(0)
            table = table.with_columns(pl.col("revenue") + more)
        yield look_at(plan, timing, cohort_of(plan, table), 0.0)
