"""Measure subscriptions: how long contracts last, what they are worth, and why they end."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from whalecurve.engine.errors import Message, NotIdentifiedError, counted, setting
from whalecurve.engine.models import Fit
from whalecurve.engine.money import UNITS
from whalecurve.engine.order_files import Paths
from whalecurve.engine.publication import CUSTOMER, Result, check_target, open_result
from whalecurve.engine.segments import LABELS
from whalecurve.engine.settings import Given, taken
from whalecurve.engine.side_inputs import SideInput
from whalecurve.engine.stages import OnStage, Stages
from whalecurve.engine.statistics import finite, small_groups, wilson_interval
from whalecurve.engine.subscriptions.contracts import (
    Contracts,
    checked_contracts,
    counted_contracts,
    last_day_of,
    open_contracts,
)
from whalecurve.engine.subscriptions.curves import curve_rows, end_rows
from whalecurve.engine.subscriptions.fitting import KERNELS, Chosen, choose, renewals_of
from whalecurve.engine.subscriptions.output import publish
from whalecurve.engine.subscriptions.reasons import RUNNING, UNKNOWN
from whalecurve.engine.subscriptions.results import (
    CURVES_SCHEMA,
    ENDS_SCHEMA,
    GROUPS_SCHEMA,
    REASONS_SCHEMA,
    Subscriptions,
)
from whalecurve.engine.subscriptions.settings import SubscriptionSettings
from whalecurve.engine.subscriptions.values import worth_of

ALL, PLAN, COHORT = "all", "plan", "cohort"
SMALL = "(small groups)"
MOST_GROUPS = 1_000
Row = dict[str, Any]
Fits = dict[str | None, Chosen]


def measure_subscriptions(
    contracts: Paths,
    *,
    scores: str | Path | None = None,
    settings: SubscriptionSettings | Given | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    on_stage: OnStage | None = None,
) -> Subscriptions:
    """Read contracts, fit how long they last, and say what those that run are worth and what left with the others.

    Parameters
    ----------
    contracts
        File (Parquet, Arrow, CSV), directory, glob or URL of contracts: customer, start, end; or a frame.
    scores
        Directory that `score` wrote: reasons are told by its segments. None: of all alone.
    settings
        Which columns are what, and how time is counted.
    out
        Directory to write to, whole or not at all; replaced only if `overwrite`. None: nothing is written.
    overwrite
        Whether `out` may be replaced.
    on_stage
        Called with the name of each stage as it begins.

    Returns
    -------
    Subscriptions
        Contracts by group with models and value, retention curves, ends by kind, and reasons.

    Raises
    ------
    InputError
        Input that cannot be worked with; nothing is written then.

    Examples
    --------
    >>> from datetime import date
    >>> import polars as pl
    >>> import whalecurve as wc
    >>> began = [date(2025, 1, 5)] * 40
    >>> ended = [date(2025, 2, 5)] * 10 + [date(2025, 3, 5)] * 4 + [None] * 26
    >>> contracts = pl.DataFrame({"customer_id": range(40), "start": began, "end": ended})
    >>> found = wc.subscriptions(contracts, settings={"as_of": "2025-04-04"})
    >>> found.curves.filter(by="all", age=1)["survival"].item()
    0.75
    """
    stages, asked = Stages(on_stage), taken(SubscriptionSettings, settings) or SubscriptionSettings()
    with stages.stage("open"):
        result = None if scores is None else open_result(scores)
        source = open_contracts(contracts, asked)
        if out is not None:
            paths = [file.path for file in source.files]
            check_target(Path(out), overwrite=overwrite, orders=paths, results=[scores])
    with stages.stage("contracts"):
        read, as_of = _read(source, result, asked)
    with stages.stage("fit"):
        fits, said = _fits(read, asked)
    with stages.stage("tables"):
        found = _found(read, fits, asked, as_of, result)
    found = replace(found, warnings=tuple(map(Message, (*_notes(source, read, asked, as_of, result), *said))))
    if out is None:
        return found
    publish(found, Path(out), source, result, stages)
    return replace(found, out=Path(out))


def _read(source: SideInput, result: Result | None, asked: SubscriptionSettings) -> tuple[Contracts, date]:
    ids = source.roles[CUSTOMER].dtype if result is None else result.columns[CUSTOMER]
    steps = () if result is None else result.definitions.get("normalise_ids") or ()
    timezone = None if result is None else result.definitions.get("timezone")
    rows = checked_contracts(source, ids, timezone, steps)
    as_of = asked.as_of or (last_day_of(source, rows) if result is None else result.as_of)
    segments = None
    if result is not None:
        label = pl.col(LABELS["rfm"]).cast(pl.String)
        segments = result.take(CUSTOMER, LABELS["rfm"]).select(CUSTOMER, segment=label, is_known=pl.lit(value=True))
    return counted_contracts(source, rows, as_of, asked, segments), as_of


def _fits(read: Contracts, asked: SubscriptionSettings) -> tuple[Fits, list[str]]:
    """The model of all contracts (None), and of each plan with enough of them."""
    fits: Fits = {}
    said = []
    plans = read.table.group_by("plan").agg(pl.col("contracts").sum()).drop_nulls().sort("plan")
    large = [plan for plan, n in plans.iter_rows() if n >= asked.min_contracts][:MOST_GROUPS]
    for plan in (None, *large):
        own = read.table if plan is None else read.table.filter(plan=plan)
        try:
            fits[plan] = choose(own, asked.model, asked.period)
        except NotIdentifiedError as error:
            said.append(f"{'all contracts' if plan is None else f'plan {plan}'}: no model ({error})")
            continue
        for words in fits[plan].fit.warnings:
            said.append(f"{'all contracts' if plan is None else f'plan {plan}'}: {words}")
    return (fits if None in fits else {}), said


def _model_of(
    by: str, value: str | None, table: pl.DataFrame, fits: Fits, asked: SubscriptionSettings
) -> Chosen | None:
    """The model of a group: of all, of its plan, or of a cohort with enough contracts; None where there is none."""
    if by == ALL:
        return fits.get(None)
    if by == PLAN:
        return None if value is None else fits.get(value)
    if value in (None, SMALL) or int(table["contracts"].sum()) < asked.min_contracts:
        return None
    try:
        return choose(table, asked.model, asked.period)
    except NotIdentifiedError:
        return None  # a young cohort has seen too few renewals


def _found(
    read: Contracts, fits: Fits, asked: SubscriptionSettings, as_of: date, result: Result | None
) -> Subscriptions:
    groups, curves, ends = [], [], []
    chosen = {plan: one.fit for plan, one in fits.items()}
    for by, value, table in _groups(read, asked):
        model = _model_of(by, value, table, fits, asked)
        groups.append(_group_row(by, value, table, model, chosen, read, asked))
        fit = None if model is None else model.fit
        named = {"by": by, "value": value}
        curves += [named | row for row in curve_rows(renewals_of(table), fit, asked.periods_ahead, asked.level)]
        ends += [named | row for row in end_rows(table, asked.level)]
    return Subscriptions(
        groups=pl.DataFrame(groups, schema=GROUPS_SCHEMA),
        curves=pl.DataFrame(curves, schema=CURVES_SCHEMA),
        ends=pl.DataFrame(ends, schema=ENDS_SCHEMA),
        reasons=pl.DataFrame(_reasons(read, chosen, asked, by_segment=result is not None), schema=REASONS_SCHEMA),
        rows=read.rows,
        customers=read.customers,
        settings=asked,
        as_of=as_of.isoformat(),
        run_id=None if result is None else result.manifest["run_id"],
        value_is="price" if read.has_prices else "payments",
        warnings=(),
    )


def _groups(read: Contracts, asked: SubscriptionSettings) -> Iterator[tuple[str, str | None, pl.DataFrame]]:
    """All contracts, those of each plan, most first, and those of each cohort; small ones under one name.

    Where the small ones are too few together, the next larger one joins them: what all have more than the groups that
    are told would tell of them.
    """
    yield ALL, None, read.table
    for by in (*((PLAN,) if read.has_plans else ()), *((COHORT,) if asked.cohorts is not None else ())):
        sizes = read.table.group_by(by).agg(pl.col("contracts").sum())
        order = ["contracts", by] if by == PLAN else [by]
        values = sizes.sort(order, descending=[by == PLAN, False][: len(order)], nulls_last=True)
        small = small_groups(values.iter_rows(), asked.min_customers)
        for value in values[by]:
            if value not in small:
                yield by, value, read.table.filter(pl.col(by).eq_missing(pl.lit(value)))
        together = read.table.filter(pl.any_horizontal(pl.col(by).eq_missing(pl.lit(value)) for value in small or [""]))
        if small and int(together["contracts"].sum()) >= asked.min_customers:
            yield by, SMALL, together


def _group_row(
    by: str,
    value: str | None,
    table: pl.DataFrame,
    model: Chosen | None,
    fits: Mapping[str | None, Fit],
    read: Contracts,
    asked: SubscriptionSettings,
) -> Row:
    renewals = renewals_of(table)
    running, ended = table.filter(kind=RUNNING), table.filter(pl.col("kind") != RUNNING)
    n, n_ended = int(table["contracts"].sum()), int(ended["contracts"].sum())
    seen = renewals.n_told
    last = int(np.count_nonzero(renewals.at_risk >= asked.min_customers)) - 1
    price = int(table["payments"].sum()) / UNITS / n if read.has_prices and n else None
    row: Row = {
        "by": by,
        "value": value,
        "contracts": n,
        "running": n - n_ended,
        "ended": n_ended,
        "renewals_seen": seen,
        "price": price,
        "first_retention": float(renewals.renewed[0] / renewals.at_risk[0]) if seen else None,
        "last_retention": float(renewals.renewed[last] / renewals.at_risk[last]) if last >= 0 else None,
    }
    if model is not None:
        fit = model.fit
        errors = fit.standard_errors or {}
        row |= {"model": fit.model, "chosen_by": model.by, "log_likelihood": fit.log_likelihood}
        row |= {name: fit.params.get(name) for name in ("a", "b", "c")}
        row |= {f"{name}_error": finite(errors[name]) if name in errors else None for name in ("a", "b", "c")}
        payments = 1.0 + float(KERNELS[fit.model].derl(asked.discount, 0.0, *fit.values))
        row |= {"payments_of_new": payments, "clv_of_new": None if price is None else payments * price}
    if fits:
        worth = worth_of(running, fits, asked.discount, asked.level, has_prices=read.has_prices)
        lost = worth_of(ended, fits, asked.discount, asked.level, has_prices=read.has_prices)
        row |= {
            "residual_value": worth.value,
            "residual_value_low": worth.low,
            "residual_value_high": worth.high,
            "value_lost": lost.value,
        }
    return {name: row.get(name) for name in GROUPS_SCHEMA}


def _reasons(
    read: Contracts, fits: Mapping[str | None, Fit], asked: SubscriptionSettings, *, by_segment: bool
) -> list[Row]:
    """Why contracts ended, of all and by segment; segments and reasons of few contracts are told together."""
    ended = read.table.filter(pl.col("kind") != RUNNING).with_columns(
        pl.col("reason").fill_null("").replace("", UNKNOWN), of=pl.lit(None, dtype=pl.String)
    )
    parts = [ended]
    if by_segment:
        parts.append(ended.with_columns(of=pl.col("segment").fill_null("(no segment)")))
    rows: list[Row] = []
    for part in parts:
        sizes = part.group_by("of").agg(pl.col("contracts").sum()).sort("of")
        for segment, n in sizes.iter_rows():
            own = part.filter(pl.col("of").eq_missing(pl.lit(segment)))
            rows += _of_segment(segment, own, n, fits, read, asked) if n >= asked.min_customers else []
    return rows


def _of_segment(
    segment: str | None,
    own: pl.DataFrame,
    n: int,
    fits: Mapping[str | None, Fit],
    read: Contracts,
    asked: SubscriptionSettings,
) -> list[Row]:
    sizes = own.group_by("kind", "reason").agg(pl.col("contracts").sum())
    few = [one for one in sizes.iter_rows() if one[2] < asked.min_customers]
    is_few = pl.any_horizontal(
        [(pl.col("kind") == kind) & (pl.col("reason") == reason) for kind, reason, _ in few] or [pl.lit(value=False)]
    )
    named = own.with_columns(reason=pl.when(is_few).then(pl.lit(SMALL)).otherwise(pl.col("reason")))
    named = named.with_columns(kind=pl.when(pl.col("reason") == SMALL).then(pl.lit(SMALL)).otherwise(pl.col("kind")))
    rows = []
    ordered = named.group_by("kind", "reason").agg(pl.col("contracts").sum())
    for kind, reason, k in ordered.sort("contracts", "kind", "reason", descending=[True, False, False]).iter_rows():
        if k < asked.min_customers:
            continue
        low, high = wilson_interval(np.array([float(k)]), np.array([float(n)]), asked.level)
        mine = named.filter(kind=kind, reason=reason)
        lost = worth_of(mine, fits, asked.discount, asked.level, has_prices=read.has_prices).value if fits else None
        rows.append(
            {
                "segment": segment,
                "kind": kind,
                "reason": reason,
                "contracts": k,
                "share": k / n,
                "share_low": float(low[0]),
                "share_high": float(high[0]),
                "value_lost": lost,
            }
        )
    return rows


def _notes(
    source: SideInput, read: Contracts, asked: SubscriptionSettings, as_of: date, result: Result | None
) -> Iterator[str]:
    if source.preset is not None:
        yield f"{source.place}: read as {source.preset.title}: {'; '.join(source.preset.notes)}"
    refused: Mapping[str, int] = read.rows["refused"]  # type: ignore[assignment]
    for why, n in refused.items():
        yield f"{source.place}: {counted(n, 'contract')} {why} left out"
    if asked.as_of is None and result is None:
        yield f"{as_of}, when the last contract began, is taken for the last day observed; else give {setting('as_of')}"
    n_used = int(read.rows["used"])  # type: ignore[call-overload]
    if result is not None and read.rows["of_customers_scored"] != n_used:
        others = n_used - int(read.rows["of_customers_scored"])  # type: ignore[call-overload]
        yield f"{counted(others, 'contract')} of customers without orders have no segment; they count all the same"
    if n_used > read.customers:
        yield f"{read.customers:,} customers have {n_used:,} contracts; each contract is counted on its own"
    if not read.has_prices:
        yield "contracts have no prices, so value is in payments"
    if read.n_without_price:
        yield f"{counted(read.n_without_price, 'contract')} without a usable price: in prices and value they count as 0"
