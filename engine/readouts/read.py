"""Read an experiment: what the arms did after they were assigned, and what follows."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.audit import Audit, refuse_too_many, turnover_is_safe
from whalecurve.engine.errors import InputError, Message, counted, setting
from whalecurve.engine.order_files import Paths
from whalecurve.engine.orders import Orders, day_number, scan_orders
from whalecurve.engine.publication import CUSTOMER, check_target
from whalecurve.engine.readouts.checks import Checks, checks_of
from whalecurve.engine.readouts.clv_after import models_of_another_day, with_clv_after
from whalecurve.engine.readouts.estimates import NAMES
from whalecurve.engine.readouts.look import look_at
from whalecurve.engine.readouts.output import publish
from whalecurve.engine.readouts.results import EFFECTS, Readout
from whalecurve.engine.readouts.timing import Timing, timing_of
from whalecurve.engine.runtime import memory_budget
from whalecurve.engine.settings import Columns, Given, ObservedWindow, Window, taken
from whalecurve.engine.stages import OnStage, Stages
from whalecurve.engine.trials import (
    PRE,
    Planned,
    Spans,
    arms_table,
    cohort_of,
    open_planned,
    outcomes,
    read_lines,
)


def read_experiment(
    orders: Paths,
    experiment: str | Path,
    *,
    scores: str | Path | None = None,
    cost_per_customer: float = 0.0,
    line_discount: str | None = None,
    columns: Columns | Given | None = None,
    window: Window | Given | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    max_refused: float | None = None,
    memory: int | None = None,
    on_stage: OnStage | None = None,
) -> Readout:
    """Read an experiment: what its arms did after they were assigned, and what follows.

    Everybody counts in the arm that they were assigned to, whatever reached them (intention to treat), with zeros where
    they ordered nothing. Who came into the log later is in no arm.

    Parameters
    ----------
    orders
        Files (Parquet, Arrow, CSV), directories, globs or URLs; or a frame: the orders that arms were assigned from,
        and what has come since.
    experiment
        Directory that `experiment assign` wrote.
    scores
        Directory that `score` wrote of the orders up to the end: for the effect on CLV. None: none is said.
    cost_per_customer
        What a treated customer costs beside what is in the orders, in currency.
    line_discount
        Column, or SQL expression, that has the discount of an order line, in currency: it counts as spent. Amounts are
        taken to be net of it, as they are for `score`. None: no discount is known.
    columns, window
        As they were when arms were assigned.
    out
        Directory to write to, whole or not at all; replaced only if `overwrite`. None: nothing is written.
    max_refused, memory
        As for `score`.
    overwrite
        Whether `out` may be replaced.
    on_stage
        Called with the name of each stage as it begins.

    Returns
    -------
    Readout
        Effects with intervals, checks, and a verdict on each arm.

    Raises
    ------
    InputError
        An experiment that was changed, orders that are not those that arms were assigned from or that end before it
        begins, input that cannot be worked with.

    Examples
    --------
    >>> import whalecurve as wc
    >>> design = {"name": "summer", "arms": "offer:0.5,control:0.5", "days": 28}
    >>> arms = wc.assign_experiment("scores-june", design=design, out="summer")
    >>> found = wc.read_experiment("shop/orders", "summer")
    >>> found.effects.columns[:3]
    ['metric', 'arm', 'segment']
    """
    stages = Stages(on_stage)
    window = taken(Window, window) or Window()
    if not cost_per_customer >= 0.0:
        raise InputError(f"{setting('cost_per_customer', cost_per_customer)} is not a cost; give 0 or more")
    with stages.stage("open"):
        plan = open_planned(experiment)
        log = _opened(orders, plan, taken(Columns, columns) or Columns(), window, line_discount)
        if out is not None:
            check_target(Path(out), overwrite=overwrite, orders=log.paths, results=[experiment, scores])
        budget = memory_budget(memory, log.n_rows)
    with stages.stage("summary"):
        on_lines = stages.lines_read(log.n_rows)
        audit, lines = read_lines(log, window, plan, budget, discount=line_discount, on_lines=on_lines)
        refuse_too_many(log, audit, max_refused)
        turnover_is_safe(log, audit)
        timing = timing_of(plan, audit.as_of)
        _check_days(plan, log, audit)
        spans, is_over = _spans(plan, timing, line_discount), _is_over(plan, audit.as_of)
        passes = budget.now.passes(audit.n_used)
        everybody = outcomes(log, _window(plan, audit), plan.customers, spans, passes, lines)
        customers = everybody.filter(is_over)
        n_waiting = everybody.height - customers.height
    with stages.stage("compare"):
        found = _found(plan, timing, customers, scores, cost_per_customer)
    notes = models_of_another_day(scores) if found.clv else []
    readout = replace(
        found,
        as_of=audit.as_of.isoformat(),
        n_waiting=n_waiting,
        rows=audit.rows,
        warnings=(*map(Message, audit.warnings), *_warnings(plan, audit, found.checks, n_waiting), *notes),
    )
    if out is None:
        return readout
    publish(readout, Path(out), log, experiment, stages)
    return replace(readout, out=Path(out))


def _opened(orders: Paths, plan: Planned, columns: Columns, window: Window, discount: str | None) -> Orders:
    log = scan_orders(orders, columns, [] if discount is None else [discount], timezone=window.timezone)
    if discount is not None and not log.mapping.dimensions[discount].dtype.is_numeric():
        found = log.mapping.dimensions[discount].dtype
        raise InputError(f'{setting("line_discount")} "{discount}" is {found}, expected an amount of money; cast it')
    ours, theirs = plan.customers.schema[CUSTOMER], log.mapping.roles["customer"].dtype
    if ours != theirs:
        raise InputError(
            f"experiment {plan.name}: customer ids are {ours}, in the orders they are {theirs}; name the orders that "
            f"arms were assigned from, with the same {setting('customer')}"
        )
    if "margin" in (plan.metric, plan.value) and not log.has_margin:
        raise InputError(
            f"experiment {plan.name}: it is about margin, and the orders carry none; map it with {setting('margin')} "
            f"or {setting('cost')}, as they were when arms were assigned"
        )
    return log


def _check_days(plan: Planned, log: Orders, audit: Audit) -> None:
    if audit.as_of < plan.start:
        raise InputError(
            f"{log.name}: orders end on {audit.as_of}, and experiment {plan.name} starts on {plan.start}; add the "
            f"orders that have come since"
        )


def _spans(plan: Planned, timing: Timing, discount: str | None) -> Spans:
    days = timing.looks[-1] if timing.looks else plan.days
    return Spans(
        days=days,
        before=plan.days,
        looks=tuple(timing.looks) if plan.is_sequential else (),
        metric=plan.metric,
        value=plan.value,
        discount=discount,
    )


def _window(plan: Planned, audit: Audit) -> ObservedWindow:
    """All days up to the end of the last outcome: what comes later says nothing of the experiment."""
    if plan.entry == "rolling":
        return audit.window
    return replace(audit.window, as_of=min(audit.as_of, plan.day_after(plan.days)))


def _is_over(plan: Planned, as_of: date) -> pl.Expr:
    """Whose outcome is over: all where they entered together.

    Raises
    ------
    InputError
        Nobody's is.
    """
    if plan.entry == "together":
        return pl.lit(value=True)
    is_over = pl.col("entered").cast(pl.Int32) + (plan.days - 1) <= day_number(as_of)
    if not plan.customers.select(is_over.any()).item():
        raise InputError(
            f"experiment {plan.name}: no customer has been in it for {plan.days} days by {as_of}; read it later"
        )
    return is_over


def _last_day(customers: pl.DataFrame, timing: Timing) -> date:
    """The last day that counts, of the customers who entered last."""
    last = customers["entered"].max()
    assert isinstance(last, date), "customers were assigned"
    return last + timedelta(days=timing.looks[-1] - 1)


def _found(plan: Planned, timing: Timing, customers: pl.DataFrame, scores: str | Path | None, cost: float) -> Readout:
    cohort = cohort_of(plan, customers)
    checks = checks_of(plan, customers, cohort)
    tested = None
    if timing.is_read and checks.is_sound:
        tested = look_at(plan, timing, with_clv_after(cohort, scores, _last_day(customers, timing)), cost)
    effects = pl.DataFrame([] if tested is None else tested.effects, schema=EFFECTS)
    return Readout(
        plan=_plan(plan),
        timing=timing,
        as_of="",
        checks=checks,
        arms=arms_table(plan, customers),
        effects=effects,
        adjustment=None if tested is None else tested.adjustment,
        looks=() if tested is None else tested.looks,
        worth=() if tested is None else tested.worth,
        clv=() if tested is None else tested.clv,
        verdicts=() if tested is None else tested.verdicts,
        chances={} if tested is None else tested.chances,
        n_waiting=0,
        rows={},
        warnings=(),
    )


def _plan(plan: Planned) -> dict[str, Any]:
    return {
        "name": plan.name,
        "hypothesis": plan.hypothesis,
        "metric": NAMES.get(plan.metric, plan.metric),
        "value": plan.value,
        "arms": plan.arms,
        "control": plan.control,
        "holdout": list(plan.holdout),
        "start": plan.start.isoformat(),
        "days": plan.days,
        "entry": plan.entry,
        "looks": list(plan.looks),
        "alpha": plan.alpha,
        "power": plan.power,
        "effect": plan.effect,
        "cap": plan.cap,
    }


def _warnings(plan: Planned, audit: Audit, checks: Checks, n_waiting: int) -> list[Message]:
    told = list[str]()
    if audit.observed_from > plan.start - timedelta(days=plan.days):
        told.append(
            f"orders begin on {audit.observed_from}: the {plan.days} days before the start, which effects are "
            f"adjusted by, are not all there"
        )
    if checks.n_absent:
        told.append(f"{counted(checks.n_absent, 'assigned customer')} without any order line: counted as 0")
    if checks.n_changed:
        told.append(
            f"{counted(checks.n_changed, 'customer')} whose {plan.value} up to {plan.assigned_from} is not what it "
            f"was at assignment: orders of the past have changed since"
        )
    if n_waiting:
        told.append(f"{counted(n_waiting, 'customer')} not in it for {plan.days} days yet: left out so far")
    uneven = [row for row in checks.balance if row["p"] < 0.001]
    told += [
        f"{row['arm']} differed from {plan.control} before the start: {row['of'].removeprefix(PRE)} by "
        f"{row['in_standard_deviations']:+.3f} standard deviations (p {row['p']:.2g})"
        for row in uneven
    ]
    return [Message(words) for words in told]
