"""A validation on disk: Parquet tables, the models and the record, published whole or not at all."""

import hashlib
import json
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from whalecurve.engine.orders import Audit
from whalecurve.engine.publication import MANIFEST, MODEL, outputs_below, published, write_json, write_table
from whalecurve.engine.scoring import Job, definitions
from whalecurve.engine.stages import Stages
from whalecurve.engine.validation.results import Validation

SETTINGS = ("columns", "where", "as_of", "since", "timezone", "unit", "l2", "value", "money_resolution")
"""The definitions that shape a validation; horizon, discount, scores and segments do not."""


def publish(found: Validation, out: Path, job: Job, audit: Audit, stages: Stages) -> None:
    """Write `<table>.parquet`, `validation.json`, `model.json` and `manifest.json` to `out`."""
    settings = {name: setting for name, setting in definitions(job, audit).items() if name in SETTINGS}
    settings |= {"holdout_days": found.holdout_days, "models": list(found.fits)}
    with published(out) as staging:
        with stages.stage("write"):
            for name, table in found.tables.items():
                write_table(table, staging / f"{name}.parquet")
            write_json(found.to_dict(), staging / "validation.json")
            write_json(_models(found) | {"definitions": settings}, staging / MODEL)
        manifest = _manifest(found, job, audit, settings, stages.seconds)
        write_json(manifest | {"outputs": outputs_below(staging)}, staging / MANIFEST)


def _models(found: Validation) -> dict[str, Any]:
    """The models as fitted to the past; the spend model is the same beside every one of them."""
    spend = next(iter(found.fits.values()))
    return {
        "transactions": found.to_dict()["fits"],
        "calibration": {name: m.calibration.to_dict() for name, m in found.fits.items() if m.calibration},
        "spend": {
            **(spend.spend.to_dict() if spend.spend else {"model": "gamma_gamma", "params": None}),
            "reason": spend.spend_reason,
            "n_left_out": spend.n_left_out,
            "correlation_frequency_monetary_value": spend.correlation,
        },
    }


def _manifest(
    found: Validation, job: Job, audit: Audit, settings: dict[str, Any], timings: dict[str, float]
) -> dict[str, Any]:
    inputs = [{"path": f.path, "rows": f.n_rows, "bytes": f.n_bytes} for f in job.orders.files]
    identity = json.dumps([version("whalecurve"), "validate", inputs, settings], sort_keys=True)
    return {
        "run_id": hashlib.sha256(identity.encode()).hexdigest()[:16],
        "version": version("whalecurve"),
        "created": datetime.now(tz=UTC).isoformat(timespec="seconds"),
        "as_of": found.as_of.isoformat(),
        "split": found.split.isoformat(),
        "inputs": inputs,
        "rows": {"read": audit.n_read, "used": audit.n_used, "refused": audit.refused},
        "first_day": audit.first_day.isoformat(),
        "last_day": audit.last_day.isoformat(),
        "timings": timings,
        "warnings": list(found.warnings),
    }
