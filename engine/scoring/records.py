"""What a run says about itself: model.json and manifest.json."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from whalecurve.engine.audit import Audit, currencies_in_footers
from whalecurve.engine.customer_totals import VERSION
from whalecurve.engine.errors import Message, listed, setting
from whalecurve.engine.forecasts import horizon_in_units
from whalecurve.engine.models.covariates import covariate_record
from whalecurve.engine.money import UNITS
from whalecurve.engine.orders import forecast_start
from whalecurve.engine.publication import FORMAT, manifest_of
from whalecurve.engine.schemes import Scheme
from whalecurve.engine.scoring.drift import with_segments
from whalecurve.engine.scoring.job import Job
from whalecurve.engine.scoring.prepare import Prepared
from whalecurve.engine.scoring.tally import CustomerTally
from whalecurve.engine.segments import LEAST_DAYS, actions_of, tier_record, value_record
from whalecurve.engine.selection import GroupTrial, Risk
from whalecurve.engine.settings import ObservedWindow
from whalecurve.engine.store import returns_rule


def definitions(job: Job, audit: Audit) -> dict[str, Any]:
    """Every setting that shaped a number, as it was resolved."""
    return {
        **job.orders.definitions,
        "as_of": audit.as_of.isoformat(),
        "since": audit.window.since.isoformat() if audit.window.since else None,
        "timezone": audit.window.timezone or job.orders.timezone,
        "unit": audit.window.model_unit,
        "period": audit.window.period,
        "forecast_from": forecast_start(audit.window).isoformat(),
        "forecast_ends_in_units": horizon_in_units(job.scoring, audit.window),
        **job.settings,
        "rfm_rule": job.rfm_rule,
        "returns_rule": None if job.has_totals else returns_rule(job.orders),
        **({"totals_version": VERSION} if job.has_totals else {}),
        "thresholds_from": job.old.digest if job.old else None,
        "scheme": job.scheme.name,
        "scheme_rules": job.scheme.rules,
        "action_precedence": list(job.scheme.precedence),
        "money_resolution": 1.0 / UNITS,
    }


def model_record(prepared: Prepared, segments: pl.DataFrame, settings: dict[str, Any]) -> dict[str, Any]:
    """`model.json`: the models with their errors, the thresholds, the definitions, the customers in short.

    `taken_from` names the run whose thresholds and models these are, where they were not found anew; `settings` are
    the definitions, which a later run with `thresholds` needs beside them.
    """
    job, models, selection = prepared.job, prepared.models, prepared.selection
    return {
        "format": FORMAT,
        "taken_from": job.old.to_dict() if job.old else None,
        "transactions": models.purchases.to_dict()
        if models.purchases
        else {
            "model": selection.model if selection else job.scoring.model,
            "params": None,
            "reason": models.purchases_reason,
        },
        "selection": selection.to_dict() if selection else None,
        "covariates": covariate_record(models.purchases, models.plain, models.design, l2=job.scoring.l2)
        if models.purchases and models.plain and models.design
        else None,
        "calibration": models.calibration.to_dict() if models.calibration else None,
        "spend": models.spend_record
        | {"selection": prepared.spend_selection.to_dict() if prepared.spend_selection else None},
        "risk": prepared.risk.to_dict(),
        "next_purchase": prepared.next_purchase.to_dict(),
        "season": prepared.season.to_dict() if prepared.season else None,
        "recalibration": prepared.recalibration.to_dict() if prepared.recalibration else None,
        "groups": _groups(prepared),
        "thresholds": {
            **prepared.cuts.rfm.to_dict(),
            **value_record(job.scoring.value_axis, prepared.cuts.value),
            **tier_record(prepared.cuts.tiers, job.scheme),
        },
        "population": with_segments(prepared.population, segments),
        "definitions": settings,
    }


def manifest_record(
    command: str,
    prepared: Prepared,
    settings: dict[str, Any],
    tally: CustomerTally,
    segments: pl.DataFrame,
    timings: dict[str, float],
    warnings: Sequence[str] = (),
    **own: object,
) -> dict[str, Any]:
    """`manifest.json` but for its list of outputs.

    `settings` are the definitions; `warnings`, further ones, and `own`, more that the record says, are the command's.
    """
    audit, clv = prepared.audit, _sum(segments.filter(scheme="rfm")["clv"])
    return manifest_of(
        command,
        as_of=audit.as_of.isoformat(),
        inputs=prepared.job.orders.inputs,
        definitions=settings,
        rows=audit.rows,
        timings=timings,
        warnings=[
            *audit.warnings,
            *_left_out(prepared.job.scheme),
            *tally.lines.notes(),
            *currencies_in_footers(prepared.job.orders),
            *_open_period(audit.window),
            *_other_returns(prepared.job, audit),
            *_without_days(prepared),
            *_long_horizon(prepared),
            *_empty(prepared, segments),
            *prepared.notes,
            *(prepared.season.warnings if prepared.season else ()),
            *prepared.models.warnings,
            *prepared.scores.warnings,
            *_risk(prepared),
            *_trial(prepared),
            *_gaps(tally),
            *warnings,
        ],
        lines=audit.kinds,
        first_day=audit.first_day.isoformat(),
        last_day=audit.last_day.isoformat(),
        customers={
            "all": tally.n["customers"],
            "with_purchase": tally.n["with_purchase"],
            "repeat": tally.n["repeat"],
            "spend_falling": tally.falling if clv is not None and audit.observed_days >= LEAST_DAYS else None,
            "due": tally.due,
            "clv": clv,
            "expected_purchases": tally.expected_purchases,
        },
        reliability=prepared.reliability.to_dict(),
        next_best_actions=[
            {"from": origin, "action": action, "customers": tally.actions.get(origin, 0)}
            for origin, action in actions_of(prepared.job.scheme)
        ],
        concentration={name: measured.to_dict() for name, measured in prepared.shares.items()},
        **own,
    )


def _groups(prepared: Prepared) -> dict[str, Any] | None:
    """Parameters by group, and how they did on the last quarter."""
    groups, trial = prepared.models.groups, prepared.group_trial
    if groups is None:
        return None
    tried = trial.to_dict() if isinstance(trial, GroupTrial) else None
    return groups.to_dict() | {"trial": tried, "untested": trial if isinstance(trial, str) else None}


def _trial(prepared: Prepared) -> list[str]:
    """What to know of groups that one model predicts better than."""
    trial, by = prepared.group_trial, prepared.job.scoring.fit_by
    return trial.warnings(by) if isinstance(trial, GroupTrial) and by is not None else []


def _risk(prepared: Prepared) -> list[str]:
    """What to know of churn risk; that its level is off is no news once it is set right."""
    risk, found = prepared.risk, prepared.recalibration
    if found is None:
        return risk.warnings
    own = [] if found.is_applied and risk.withheld is None else risk.warnings
    return [*own, *found.warnings]


def _open_period(window: ObservedWindow) -> list[str]:
    """Where time is counted in periods and the last one is not over, forecasts begin with it."""
    start = forecast_start(window)
    if start > window.as_of:
        return []
    return [
        f"the {window.period} that began on {start} is not over on {window.as_of}: forecasts begin with it, and what "
        f"was bought in it so far counts in value and RFM alone"
    ]


def _other_returns(job: Job, audit: Audit) -> list[str]:
    """Where the models are those of an old run, fitted to values from which returns were taken off otherwise."""
    if job.has_totals or job.old is None or not audit.n_return_lines:
        return []
    if job.old.returns_rule == returns_rule(job.orders):
        return []
    then = job.old.returns_rule or "by a rule that is not recorded"
    return [
        f"{job.old.path}: its models are fitted to purchases with returns taken {then}; here they are taken "
        f"{returns_rule(job.orders)}: expected values and CLV may be off until the models are fitted anew"
    ]


def _without_days(prepared: Prepared) -> list[str]:
    """What is left out where totals of customers are all there is."""
    if not prepared.job.has_totals:
        return []
    return [
        Message(
            "totals of customers say nothing of days: measures over time and the tests on the last days (risk, next "
            "purchase) are left out, and lines that were refused are not known"
        )
    ]


def _long_horizon(prepared: Prepared) -> list[str]:
    """Forecasts that look further ahead than the log looks back."""
    horizon, observed = prepared.job.scoring.horizon_days, prepared.audit.observed_days
    if prepared.models.purchases is None or horizon <= observed:
        return []
    return [
        f"expected purchases and CLV look {horizon:,} days ahead, further than the {observed:,} days observed: no "
        f"customer was followed for so long"
    ]


def _empty(prepared: Prepared, segments: pl.DataFrame) -> Iterator[str]:
    """Scores that nobody has, segments and halves of the matrix that nobody is in, and what helps."""
    helps = _what_helps(prepared.job)
    scores: dict[str, list[int]] = prepared.population["scores"]
    for name, counts in scores.items():
        skipped = [str(score) for score, n in enumerate(counts, start=1) if n == 0]
        if skipped and len(skipped) < len(counts):
            letter = name[0].upper()
            yield Message(f"no customer has {letter} score {', '.join(skipped)}: many are alike in {letter}{helps}")
    rfm = segments.filter(scheme="rfm").drop_nulls("segment")
    empty = rfm.filter(customers=0)["segment"].to_list()
    conditional = [name for name in empty if name in prepared.job.conditions.rules]
    nobody = [name for name in empty if name not in conditional]
    if nobody and rfm["customers"].sum():
        yield Message(f"no customer is in {listed(nobody)}: nobody has such scores{helps}")
    for name in conditional:
        yield f"no customer is in {name}: no one whom rules before it leave meets its condition"
    cells = segments.filter(scheme="matrix").drop_nulls("segment")
    yield from _halves(cells, prepared.risk, prepared.job.scoring.risk_threshold)


def _what_helps(job: Job) -> str:
    """Against scores and segments without customers; nothing where the thresholds are those of an old run."""
    if job.old is not None:
        return ""
    if job.scoring.rfm_method == "fixed":
        return f"; move the cut-offs that {setting('rfm_cuts')} names"
    return f"; choose fewer scores with {setting('rfm_bins')}, or own cut-offs with {setting('rfm_method', 'fixed')}"


def _halves(cells: pl.DataFrame, risk: Risk, threshold: float) -> Iterator[str]:
    """Halves of the matrix without customers, of one that has some; its cells are high risk first."""
    n_high, n_low = cells["customers"].head(2).sum(), cells["customers"].tail(2).sum()
    if bool(n_high) == bool(n_low):
        return
    which, than = ("high", "at or above") if n_low else ("low", "below")
    horizon = (
        f"; or let the log say how long without a purchase is a risk, with {setting('risk_days', 'auto')}"
        if risk.chosen == "given"
        else ""
    )
    yield Message(
        f"nobody is at {which} risk: no churn risk within {risk.horizon_days:,} days is {than} {threshold:g}; move it "
        f"with {setting('risk_threshold')}{horizon}"
    )


def _left_out(scheme: Scheme) -> list[str]:
    """Segments of a preset for which there are too few scores."""
    if not scheme.left_out:
        return []
    return [
        f"{scheme.bins} scores are too few to tell {', '.join(scheme.left_out)} from other segments of {scheme.name}"
    ]


def _sum(amounts: pl.Series) -> float | None:
    given = amounts.drop_nulls()
    return math.fsum(given) if given.len() else None


def _gaps(tally: CustomerTally) -> list[str]:
    """Numbers that a kernel could not give."""
    return [f"{name}: no answer for {n:,} customers (null in the output)" for name, n in tally.n_gaps.items() if n]
