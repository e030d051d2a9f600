"""Measure what customers do beside buying, from a file of events beside the orders."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from whalecurve.engine.activity.channels import preferred_channels
from whalecurve.engine.activity.customers import segments_of, with_activity_segment, written_customers
from whalecurve.engine.activity.events import Events, events_of, open_events
from whalecurve.engine.activity.notes import notes_on
from whalecurve.engine.activity.output import publish
from whalecurve.engine.activity.part import Part
from whalecurve.engine.activity.rates import added, carts_by_group, rates_of
from whalecurve.engine.activity.results import Activity
from whalecurve.engine.activity.risk import ActivityTest, activity_test, risk_with_activity
from whalecurve.engine.activity.settings import ActivitySettings
from whalecurve.engine.customer_shares import shares_of
from whalecurve.engine.forecasts import MODEL_P
from whalecurve.engine.order_files import Paths
from whalecurve.engine.orders import Orders, day_at, day_number, scan_orders
from whalecurve.engine.publication import CUSTOMER, Result, check_target, window_of
from whalecurve.engine.runtime import Budget, memory_budget
from whalecurve.engine.scoring import fitting, scored
from whalecurve.engine.segments import LABELS
from whalecurve.engine.settings import Columns, Given, ObservedWindow, Scoring, Window, taken
from whalecurve.engine.side_inputs import SideInput
from whalecurve.engine.stages import OnStage, Stages


def measure_activity(
    orders: Paths,
    events: Paths,
    *,
    columns: Columns | Given | None = None,
    window: Window | Given | None = None,
    scoring: Scoring | Given | None = None,
    settings: ActivitySettings | Given | None = None,
    scores: str | Path | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    max_refused: float | None = None,
    memory: int | None = None,
    jobs: int | None = None,
    on_stage: OnStage | None = None,
) -> Activity:
    """Follow customers by their events: sessions, carts, e-mails, contacts, channels; and hold these against purchases.

    Parameters
    ----------
    orders
        Files (Parquet, Arrow, CSV), directories, globs or URLs; or a frame (Polars, pandas, Arrow, DuckDB).
    events
        The same of events, a row each: customer, time, type, and, where there are any, channel, value and visitor.
    columns, window
        Which column plays which role in the orders, and which days are observed.
    scoring, max_refused, jobs
        As for `score`, where the orders are scored here.
    settings
        How events are read and what is told of them.
    scores
        A result of `score` over the same orders. None: they are scored first, by `scoring`.
    out
        Directory to write to, whole or not at all; replaced only if `overwrite`. None: nothing is written.
    overwrite
        Whether `out` may be replaced.
    memory
        Bytes to keep to; None takes a fixed share of what is there. Events and orders are read once for each share of
        the customers, of as many as it asks for; some small rows a customer come on top.
    on_stage
        Called with the name of each stage as it begins.

    Returns
    -------
    Activity
        Activity, carts and segments of customers, rates of all and by group, and whether activity tells who buys.

    Raises
    ------
    InputError
        Input that cannot be worked with; nothing is written then.

    Examples
    --------
    >>> from datetime import datetime
    >>> import polars as pl
    >>> import whalecurve as wc
    >>> visits = pl.DataFrame({"customer_id": [1, 2], "time": [datetime(2025, 12, 1)] * 2, "type": ["view", "cart"]})
    >>> found = wc.activity("shop/orders", visits, scores="scores")
    >>> found.customers["sessions"].sum()
    2
    """
    columns, window = taken(Columns, columns) or Columns(), taken(Window, window) or Window()
    scoring, asked = taken(Scoring, scoring) or Scoring(), taken(ActivitySettings, settings) or ActivitySettings()
    stages = Stages(on_stage)
    with stages.stage("open"):
        scanned = scan_orders(orders, columns, timezone=window.timezone)
        source = open_events(events, asked, window.timezone or scanned.timezone)
        budget = memory_budget(memory, scanned.n_rows)
        if out is not None:
            paths = [*scanned.paths, *(file.path for file in source.files if file.kind != "frame")]
            check_target(Path(out), overwrite=overwrite, orders=paths, results=[scores])
        if scores is None:
            opened: AbstractContextManager[Result] = scored(
                scanned.files, columns, window, scoring,
                max_refused=max_refused, memory=memory, jobs=jobs, on_stage=on_stage,
            )  # fmt: skip
        else:
            opened = nullcontext(fitting(scores, scanned, window, scoring))
    with opened as result:
        found = _measured(result, scanned, source, window, asked, budget, stages)
    if out is not None:
        publish(found, Path(out), scanned, source, stages)
    return replace(found, out=None if out is None else Path(out))


def _measured(
    result: Result,
    orders: Orders,
    source: SideInput,
    window: Window,
    settings: ActivitySettings,
    budget: Budget,
    stages: Stages,
) -> Activity:
    observed = window_of(result, window)
    observed = replace(observed, timezone=observed.timezone or orders.timezone)
    with stages.stage("events"):
        customers = _customers(result)
        events = events_of(source, customers, observed, settings, normalise_ids=orders.mapping.normalise_ids)
    days = int(result.model["risk"]["horizon_days"])
    split = _split(result, days)
    with stages.stage("follow"):
        n = max(events.tally.n_rows, int(result.manifest["rows"]["used"]))
        parts = [
            Part.of(share, customers, orders, events, observed, split, settings)
            for share in shares_of(budget.now.passes(n))
        ]
    with stages.stage("holdout"):
        whole = _whole(parts)
        risk = _tested(whole, split, days, result, settings)
    return _found(result, orders, events, observed, settings, parts, whole, risk)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Whole:
    """Parts put together, customers in order of the ids."""

    customers: pl.DataFrame
    then: pl.DataFrame
    now: pl.DataFrame
    first_day: int | None
    last_day: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Risk:
    """The test of activity, or why there is none; and the churn risk with activity of customers, where it is better."""

    test: ActivityTest | None = None
    untested: str | None = None
    customers: pl.DataFrame | None = None


def _customers(result: Result) -> pl.DataFrame:
    """Of the probabilities of a purchase those of the model, which the regression rests on, not what they are worth."""
    chance = MODEL_P if MODEL_P in result.columns else "p_purchase"
    segment = pl.col(LABELS["rfm"]).cast(pl.String).alias("segment")
    return (
        result.take(CUSTOMER, LABELS["rfm"], "value", chance, "churn_risk")
        .select(CUSTOMER, segment, "value", "churn_risk", p_purchase=chance)
        .collect(engine="streaming")
    )


def _split(result: Result, days: int) -> int | None:
    """The last day before the holdout; None where time is counted in periods, which do not end with it."""
    return None if result.definitions.get("period") else day_number(result.as_of) - days


def _whole(parts: list[Part]) -> _Whole:
    first = [part.first_day for part in parts if part.first_day is not None]
    last = [part.last_day for part in parts if part.last_day is not None]
    return _Whole(
        customers=pl.concat([part.customers for part in parts]).sort(CUSTOMER),
        then=pl.concat([part.then for part in parts]).sort(CUSTOMER),
        now=pl.concat([part.now for part in parts]).sort(CUSTOMER),
        first_day=min(first, default=None),
        last_day=max(last, default=None),
    )


def _tested(whole: _Whole, split: int | None, days: int, result: Result, settings: ActivitySettings) -> _Risk:
    if split is None:
        return _Risk(untested="time is counted in periods")
    if whole.first_day is None or whole.first_day > split - settings.recent_days + 1:
        since = "there are none" if whole.first_day is None else f"they begin on {day_at(whole.first_day)}"
        return _Risk(
            untested=f"the {days} days after {day_at(split)} are held out, and events are needed for "
            f"{settings.recent_days} days before; {since}"
        )
    found = activity_test(whole.then, split, days, result, settings.level)
    if isinstance(found, str):
        return _Risk(untested=found)
    test, fit = found
    if not test.is_better:
        return _Risk(test=test)
    chances = whole.customers.select(CUSTOMER, "p_purchase")
    return _Risk(test=test, customers=risk_with_activity(whole.now, chances, fit))


def _found(
    result: Result,
    orders: Orders,
    events: Events,
    window: ObservedWindow,
    settings: ActivitySettings,
    parts: list[Part],
    whole: _Whole,
    risk: _Risk,
) -> Activity:
    as_of = day_number(window.as_of)
    best, channels, prior = preferred_channels(pl.concat([part.channels for part in parts]))
    labelled = with_activity_segment(whole.customers, as_of, whole.first_day, settings)
    labelled = labelled.join(best, on=CUSTOMER, how="left", maintain_order="left")
    if risk.customers is not None:
        labelled = labelled.join(risk.customers, on=CUSTOMER, how="left", maintain_order="left")
    has_value = "value" in events.source.roles
    return Activity(
        customers=written_customers(labelled, has_value=has_value),
        segments=segments_of(labelled),
        rates=rates_of(added(part.rates for part in parts), settings.level),
        carts=carts_by_group((part.carts for part in parts), has_value=has_value),
        test=risk.test,
        untested=risk.untested,
        as_of=window.as_of.isoformat(),
        first_day=_told(whole.first_day),
        last_day=_told(whole.last_day),
        preset=None if events.source.preset is None else events.source.preset.name,
        columns=events.source.columns,
        tally=events.tally.as_record(),
        kinds=events.by_kind,
        of_no_kind=events.of_no_kind,
        visitors={"rows": events.tally.refused.get("without a customer", 0), "visitors": events.n_visitors},
        channels=channels,
        channel_prior=None if prior == float("inf") else prior,
        settings=settings,
        scores=result.manifest["run_id"],
        rows=result.manifest["rows"],
        warnings=notes_on(
            result,
            events,
            settings,
            as_of=as_of,
            first_day=whole.first_day,
            last_day=whole.last_day,
            has_times=any(part.has_times for part in parts),
        ),
    )


def _told(day: int | None) -> str | None:
    return None if day is None else day_at(day).isoformat()
