"""The list of a day: who is to be written to, and why, nobody too often."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from whalecurve.engine.errors import InputError, Message, setting
from whalecurve.engine.order_files import Paths
from whalecurve.engine.publication import Result, check_place, check_target, held, open_result
from whalecurve.engine.runtime import batches
from whalecurve.engine.segments import named, rhythm_of
from whalecurve.engine.settings import Given, taken
from whalecurve.engine.stages import OnStage, Stages
from whalecurve.engine.triggers.choice import Choice, chosen
from whalecurve.engine.triggers.events import COLUMNS, SILENCES, SNAPSHOT, Rules, events, told_before, with_past
from whalecurve.engine.triggers.output import publish
from whalecurve.engine.triggers.replenishment import TOLD, events_of, not_told, products_due
from whalecurve.engine.triggers.results import Triggered
from whalecurve.engine.triggers.settings import REPLENISHMENT, Triggering
from whalecurve.engine.triggers.state import State, read_state, write_state

MOST_STALE = 31
"""Days from the last one that a result observed, beyond which it says too little of a day."""

SECOND = 0.5
"""Share of the purchases that are followed by another, within whose time a second purchase is waited for."""


def find_triggers(
    scores: str | Path,
    *,
    settings: Triggering | Given | None = None,
    orders: Paths | None = None,
    state: str | Path | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    on_stage: OnStage | None = None,
) -> Triggered:
    """Find who is to be written to on a day, and why.

    Parameters
    ----------
    scores
        Directory that `score` wrote, as of the day before, or up to `MOST_STALE` days earlier.
    settings
        What is looked for.
    orders
        The order files, for products to replenish, where they are no longer where they were scored; None: as the
        manifest names them.
    state
        Directory that remembers what was told, for the next list: nobody is told the same again, or too often, and
        changes are seen since the last list, however many nights were left out. The list of a day is made once: asked
        for again, the same is given. None: what happened on the very day, but for what changed since another.
    out
        Directory to write to, whole or not at all; replaced only if `overwrite`. None: nothing is written.
    overwrite
        Whether `out` may be replaced.
    on_stage
        Called with the name of each stage as it begins.

    Returns
    -------
    Triggered
        Who is to be written to, and why: `customers` is a frame of it.

    Raises
    ------
    InputError
        A directory that is no such result, a day that it says nothing of, a state that cannot be used, an `out` that
        cannot be written.

    Examples
    --------
    >>> import whalecurve as wc
    >>> found = wc.triggers("scores")
    >>> found.customers.columns[:3]
    ['customer_id', 'trigger', 'priority']
    """
    stages, asked = Stages(on_stage), taken(Triggering, settings) or Triggering()
    kept = None if state is None else Path(state)
    with stages.stage("open"):
        result = open_result(scores)
        on = _day(result, asked)
        if kept is not None:
            check_place(kept, "state", results=[scores])
        if out is not None:
            check_target(Path(out), overwrite=overwrite, results=[scores, state])
    with held(kept, "state") if kept is not None else nullcontext(), stages.stage("find"):
        last = None if kept is None else read_state(kept, result.columns["customer_id"])
        found = _found(result, asked, on, last, kept, orders)
    if out is None:
        return found
    publish(found, Path(out), result, stages)
    return replace(found, out=Path(out))


def _day(result: Result, asked: Triggering) -> date:
    """The day that is asked for, of which the result has to say something."""
    on = asked.on or result.as_of + timedelta(days=1)
    if not result.as_of <= on <= result.as_of + timedelta(days=MOST_STALE):
        raise InputError(
            f"{setting('on', on)}: {result.path} is as of {result.as_of}; choose a day from then on, up to "
            f"{MOST_STALE} days later, or score the orders up to the day before"
        )
    return on


def _found(
    result: Result, asked: Triggering, on: date, last: State | None, kept: Path | None, orders: Paths | None
) -> Triggered:
    """The list of the day, once the state remembers it."""
    if last is not None and last.on > on:
        raise InputError(
            f"{setting('on', on)}: the state has the list of {last.on} already; choose that day or a later one"
        )
    if last is not None and last.on == on:
        return _triggered(result, asked, on, last.choice, since=last.since, is_again=True)
    rules = _rules(result, asked, on, last)
    happened, silences = _happened(result, rules, last)
    nobody = pl.DataFrame(schema={"customer_id": result.columns["customer_id"], "on": pl.Date})
    sent = nobody if last is None else last.sent
    due = None if asked.product is None else products_due(result, orders, asked.product, on)
    if due is not None:
        remembered = None if last is None else last.products
        happened = pl.concat([happened, _described(events_of(not_told(due, remembered, on)), result)])
    choice = chosen(happened, sent, asked, on)
    if kept is not None:
        told = choice.told.select("customer_id", on=pl.lit(on)).unique()
        customers = _remembered(silences, choice)
        products = _told_of(due, None if last is None else last.products, choice)
        state = State(
            on=on,
            since=rules.since,
            customers=customers.lazy(),
            products=products,
            sent=pl.concat([sent, told]),
            choice=choice,
        )
        write_state(kept, state, asked.cooling_off)
    return _triggered(result, asked, on, choice, since=rules.since, is_again=False)


def _rules(result: Result, asked: Triggering, on: date, last: State | None) -> Rules:
    if "scheme_rules" not in result.definitions:
        raise InputError(f"{result.path}: does not say from when on customers count as lost; score its orders again")
    rhythm = rhythm_of(result.model["thresholds"])
    segments = result.segments.filter(scheme="rfm").drop_nulls("segment")["segment"].to_list()
    tiers = result.segments.filter(scheme="loyalty_tier").drop_nulls("segment")["segment"].to_list()
    return Rules(
        on=on,
        since=None if last is None else last.on,
        rhythm=rhythm,
        second_days=rhythm.days_of_all(SECOND),
        gone_beyond=result.definitions["scheme_rules"]["lifecycle"]["dormant_until"],
        tiers=tuple(tiers),
        watch=tuple(named(name, segments, setting("watch")) for name in asked.watch),
    )


def _happened(result: Result, rules: Rules, last: State | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """All events of the day; and of every customer `SNAPSHOT`, with what was told before, and `past`."""
    customers = result.take(*COLUMNS).filter(pl.col("last_purchase").is_not_null())
    before = _before(last, dict(result.columns))
    joined = customers.join(before, on="customer_id", how="left").with_columns(silence=rules.silence())
    found, silences = [], []
    for batch in (joined.clear().collect(), *batches(joined)):
        silent = with_past(batch, rules)
        found.append(events(silent, rules))
        silences.append(silent.with_columns(told=told_before()).select(*SNAPSHOT, "past"))
    return pl.concat(found), pl.concat(silences)


def _before(last: State | None, types: dict[str, pl.DataType]) -> pl.LazyFrame:
    """What is remembered, each column but the id as `before_...`."""
    schema = {name: types.get(name, pl.UInt8()) for name in SNAPSHOT}
    known = pl.LazyFrame(schema=schema) if last is None else last.customers
    return known.select("customer_id", pl.exclude("customer_id").name.prefix("before_"))


def _remembered(silences: pl.DataFrame, choice: Choice) -> pl.DataFrame:
    """What the next list has to know: a silence counts as told once it is long, unless it was held back and waits.

    What was told before stays told until the customer buys, also where the rhythm says today that it is not long yet.
    """
    bits = pl.col("trigger").replace_strict(SILENCES, default=0, return_dtype=pl.UInt8)
    waiting = choice.held_back.group_by("customer_id").agg(waiting=bits.sum().cast(pl.UInt8))
    told = pl.col("told") | (pl.col("past") & ~pl.col("waiting").fill_null(0))
    joined = silences.join(waiting, on="customer_id", how="left", maintain_order="left")
    return joined.with_columns(told=told).select(SNAPSHOT).sort("customer_id")


def _described(found: pl.DataFrame, result: Result) -> pl.DataFrame:
    """Events with the columns of `events`."""
    own = result.take("customer_id", "rfm_segment", "value", "clv").join(found.lazy(), on="customer_id", how="inner")
    columns = ("customer_id", "trigger", "detail", "rfm_segment", "value", "clv")
    return own.select(columns).collect(engine="streaming")


def _told_of(due: pl.DataFrame | None, told: pl.DataFrame | None, choice: Choice) -> pl.DataFrame | None:
    """Products that the next list leaves out: those told before, and all that are due to customers who do not wait."""
    if due is None:
        return told
    waiting = choice.held_back.filter(trigger=REPLENISHMENT)
    now = due.join(waiting, on="customer_id", how="anti", maintain_order="left").select(TOLD)
    known = now if told is None else pl.concat([told, now])
    latest = known.group_by("customer_id", "product").agg(pl.col("last_bought").max())
    return latest.select(TOLD).sort("customer_id", "product")


def _triggered(
    result: Result, asked: Triggering, on: date, choice: Choice, *, since: date | None, is_again: bool
) -> Triggered:
    stale = (on - result.as_of).days
    warnings = []
    if stale > 1:
        warnings.append(
            Message(
                f"the result observed nothing after {result.as_of}: purchases of {stale - 1} days since are missing"
            )
        )
    return Triggered(
        customers=choice.told,
        held_back=choice.held_back,
        on=on,
        since=since,
        is_again=is_again,
        as_of=result.as_of.isoformat(),
        scores=result.manifest["run_id"],
        settings=asked,
        warnings=tuple(warnings),
    )
