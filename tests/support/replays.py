"""Experiments without an effect, replayed: arms are drawn anew, outcomes stay."""

from datetime import timedelta

import numpy as np
import polars as pl

from tests.support.experiments import START, assigned, shop
from whalecurve.engine.money import UNITS
from whalecurve.engine.orders import scan_orders
from whalecurve.engine.readouts.checks import checks_of
from whalecurve.engine.readouts.look import look_at
from whalecurve.engine.readouts.timing import timing_of
from whalecurve.engine.settings import Columns, ObservedWindow
from whalecurve.engine.trials.cohort import cohort_of
from whalecurve.engine.trials.outcome_sums import Spans, outcomes
from whalecurve.engine.trials.planned import Planned

DAYS, N = 28, 1_200
LOOKS = (7, 14, 21, 28)
ALPHA = 0.05


def plan_of(customers, looks=(DAYS,), **changes):
    plan = {
        "name": "aa", "hypothesis": None, "arms": {"control": 0.5, "offer": 0.5}, "holdout": (), "metric": "revenue",
        "value": "revenue", "start": customers["entered"][0], "days": DAYS, "entry": "together", "looks": looks,
        "alpha": ALPHA, "power": 0.8, "effect": None, "cap": 0.99, "assigned_from": customers["entered"][0],
        "customers": customers,
    }  # fmt: skip
    return Planned(**(plan | changes))


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
    """What is looked at when arms are drawn so often; `shift` is added to the treated, in currency.

    What customers brought is taken for their CLV at the end, too: amounts as heavy as any.
    """
    rng = np.random.default_rng(seed)
    timing, names = timing_of(plan, plan.day_after(DAYS)), np.array(list(plan.arms))
    for _ in range(n_times):
        arm = names[rng.permutation(sums.height) * names.size // sums.height]
        table = sums.with_columns(arm=pl.Series(arm))
        if shift:
            more = pl.when(pl.col("arm") == "offer").then(round(shift * 1e6)).otherwise(0)
            table = table.with_columns(pl.col("revenue") + more)
        yield look_at(plan, timing, cohort_of(plan, table.with_columns(clv_after="revenue")), 0.0)


def sequences(sums, plan, n_times, steps, seed=2):
    """Whether each replay is ever decided, by its confidence sequence and by plain p, customers entering in any order.

    steps : numbers of customers after which it is looked at
    """
    rng = np.random.default_rng(seed)
    timing = timing_of(plan, plan.day_after(DAYS))
    for _ in range(n_times):
        arm = pl.Series(np.where(rng.random(sums.height) < 0.5, "control", "offer"))
        order = rng.permutation(sums.height)
        table = sums.with_columns(arm=arm)[order]
        decided = naive = False
        for n in steps:
            (row,) = (
                row for row in look_at(plan, timing, cohort_of(plan, table[:n]), 0.0).effects if row["is_decisive"]
            )
            decided |= row["low"] > 0.0 or row["high"] < 0.0
            naive |= abs(row["effect"]) > 1.96 * row["standard_error"]
        yield decided, naive


def checked(sums, plan, n_times, seed=3):
    """What the checks of the arms say when each customer's arm is drawn on its own."""
    rng = np.random.default_rng(seed)
    value = pl.col("value_then") / UNITS
    for _ in range(n_times):
        arm = pl.Series(np.where(rng.random(sums.height) < 0.5, "control", "offer"))
        table = sums.with_columns(arm=arm, value=value)
        yield checks_of(plan, table, cohort_of(plan, table))
