"""What a run says about itself: model.json and manifest.json."""

import hashlib
import json
import math
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import polars as pl

from whalecurve.engine.concentration import Concentration
from whalecurve.engine.forecasts import Models, schedule
from whalecurve.engine.models.covariates import covariate_record
from whalecurve.engine.money import UNITS
from whalecurve.engine.orders import Audit, forecast_start
from whalecurve.engine.scoring.cuts import Cuts
from whalecurve.engine.scoring.job import Job
from whalecurve.engine.scoring.selection import Selection
from whalecurve.engine.scoring.tally import Passing
from whalecurve.engine.segments import tier_record
from whalecurve.engine.settings import Window


def definitions(job: Job, audit: Audit) -> dict[str, Any]:
    """Every option that shaped a number, as it was settled."""
    return {
        "columns": {role: filled.mapping for role, filled in job.orders.mapping.roles.items()},
        "where": job.columns.where,
        "as_of": audit.as_of.isoformat(),
        "since": audit.window.since.isoformat() if audit.window.since else None,
        "timezone": audit.window.timezone or job.orders.timezone,
        "unit": audit.window.model_unit,
        "period": audit.window.period,
        "forecast_from": forecast_start(audit.window).isoformat(),
        "forecast_ends_in_units": schedule(job.scoring, audit.window).ends[-1],
        **job.settings,
        "thresholds_from": job.old.digest if job.old else None,
        "scheme": job.scheme.name,
        "money_resolution": 1.0 / UNITS,
    }


def model_record(
    job: Job,
    audit: Audit,
    models: Models,
    selection: Selection | None,
    cuts: Cuts,
    population: dict[str, Any],
) -> dict[str, Any]:
    """`model.json`: the models with their errors, the thresholds, the definitions, the customers in short.

    `taken_from` names the run whose thresholds and models these are, where they were not found anew.
    """
    return {
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
        "spend": {
            **(models.spend.to_dict() if models.spend else {"model": "gamma_gamma", "params": None}),
            "reason": models.spend_reason,
            "n_left_out": models.n_left_out,
            "correlation_frequency_monetary_value": models.correlation,
        },
        "thresholds": {
            **cuts.rfm.to_dict(),
            "clv_total_high_value": cuts.value,
            **tier_record(cuts.tiers, job.scheme),
        },
        "population": population,
        "definitions": definitions(job, audit),
    }


def manifest_record(
    job: Job,
    audit: Audit,
    models: Models,
    passed: Passing,
    segments: pl.DataFrame,
    shares: dict[str, Concentration],
    timings: dict[str, float],
) -> dict[str, Any]:
    """`manifest.json` but for its list of outputs. The run id is the same for the same inputs and definitions."""
    inputs = [{"path": f.path, "rows": f.n_rows, "bytes": f.n_bytes} for f in job.orders.files]
    clv = _sum(segments.filter(scheme="rfm")["clv"])
    identity = json.dumps([version("whalecurve"), inputs, definitions(job, audit)], sort_keys=True)
    return {
        "run_id": hashlib.sha256(identity.encode()).hexdigest()[:16],
        "version": version("whalecurve"),
        "created": datetime.now(tz=UTC).isoformat(timespec="seconds"),
        "as_of": audit.as_of.isoformat(),
        "inputs": inputs,
        "rows": {"read": audit.n_read, "used": audit.n_used, "refused": audit.refused},
        "first_day": audit.first_day.isoformat(),
        "last_day": audit.last_day.isoformat(),
        "customers": {
            "all": passed.n["customers"],
            "with_purchase": passed.n["with_purchase"],
            "repeat": passed.n["repeat"],
            "at_risk": None if clv is None else passed.n["at_risk"],
            "clv": clv,
            "expected_purchases": passed.expected_purchases,
        },
        "concentration": {name: measured.to_dict() for name, measured in shares.items()},
        "timings": timings,
        "warnings": [*audit.warnings, *_open_period(audit.window), *models.warnings, *_gaps(passed)],
    }


def _open_period(window: Window) -> list[str]:
    """Where time is counted in periods and the last one is not over, forecasts begin with it."""
    start = forecast_start(window)
    if window.as_of is None or start > window.as_of:
        return []
    return [
        f"the {window.period} that began on {start} is not over on {window.as_of}: forecasts begin with it, and what "
        f"was bought in it so far counts in value and RFM alone"
    ]


def _sum(amounts: pl.Series) -> float | None:
    known = amounts.drop_nulls()
    return math.fsum(known) if known.len() else None


def _gaps(passed: Passing) -> list[str]:
    """Numbers that a kernel could not give."""
    return [f"{name}: no answer for {n:,} customers (null in the output)" for name, n in passed.n_gaps.items() if n]
