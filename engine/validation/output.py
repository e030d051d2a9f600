"""A validation on disk: Parquet tables, the models and the record, published whole or not at all."""

from pathlib import Path
from typing import Any

from whalecurve.engine.audit import Audit
from whalecurve.engine.publication import FORMAT, MODEL, manifest_of, published, write_json, write_manifest, write_table
from whalecurve.engine.scoring import Job, definitions
from whalecurve.engine.stages import Stages
from whalecurve.engine.validation.results import Validation

SETTINGS = (
    *("as_of", "since", "timezone", "unit", "period"),
    *("spend", "l2", "value", "returns_rule", "money_resolution"),
)
"""The definitions that shape a validation, beside how lines are read; horizon, discount, scores and segments do not."""


def publish(found: Validation, out: Path, job: Job, audit: Audit, stages: Stages) -> None:
    """Write `<table>.parquet`, `validation.json`, `model.json` and `manifest.json` to `out`."""
    shaping = (*job.orders.definitions, *SETTINGS)
    settings = {name: setting for name, setting in definitions(job, audit).items() if name in shaping}
    settings |= {"holdout_days": found.holdout_days, "risk_days": found.risk_days, "models": list(found.fits)}
    with published(out) as staging:
        with stages.stage("write"):
            for name, table in found.tables.items():
                write_table(table, staging / f"{name}.parquet")
            write_json(found.to_dict(), staging / "validation.json")
            write_json({"format": FORMAT, **_models(found), "definitions": settings}, staging / MODEL)
        record = manifest_of(
            "validate",
            as_of=found.as_of.isoformat(),
            inputs=job.orders.inputs,
            definitions=settings,
            rows=audit.rows,
            timings=stages.seconds,
            warnings=found.warnings,
            split=found.split.isoformat(),
            lines=audit.kinds,
            first_day=audit.first_day.isoformat(),
            last_day=audit.last_day.isoformat(),
        )
        write_manifest(record, staging)


def _models(found: Validation) -> dict[str, Any]:
    """The models as fitted to the past; the spend model is the same beside every one of them."""
    return {
        "transactions": found.to_dict()["fits"],
        "calibration": {name: m.calibration.to_dict() for name, m in found.fits.items() if m.calibration},
        "spend": next(iter(found.fits.values())).spend_record
        | {"selection": found.spend_selection.to_dict() if found.spend_selection else None},
    }
