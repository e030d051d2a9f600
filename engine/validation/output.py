"""A validation on disk: Parquet tables, the models and the record, published whole or not at all."""

from pathlib import Path
from typing import Any

from whalecurve.engine.audit import Audit
from whalecurve.engine.publication import FORMAT, MODEL, recorded, write_json, write_table
from whalecurve.engine.scoring import Job, definitions
from whalecurve.engine.stages import Stages
from whalecurve.engine.validation.results import Validation

SETTINGS = (
    *("as_of", "since", "timezone", "unit", "period"),
    *("spend", "l2", "season", "recalibrate", "value", "returns_rule", "money_resolution"),
)
"""The definitions that shape a validation, beside how lines are read; horizon, discount, scores and segments do not."""


def publish(validation: Validation, out: Path, job: Job, audit: Audit, stages: Stages) -> None:
    """Write `<table>.parquet`, `validation.json`, `model.json` and `manifest.json` to `out`."""
    shaping = (*job.orders.definitions, *SETTINGS)
    settings = {name: setting for name, setting in definitions(job, audit).items() if name in shaping}
    settings |= {
        "holdout_days": validation.holdout_days,
        "risk_days": validation.risk_days,
        "origins": max(len(validation.origins), 1),
        "models": list(validation.fits),
    }
    with recorded(
        out,
        "validate",
        stages,
        as_of=validation.as_of.isoformat(),
        inputs=job.orders.inputs,
        definitions=settings,
        rows=audit.rows,
        warnings=validation.warnings,
        split=validation.split.isoformat(),
        lines=audit.kinds,
        first_day=audit.first_day.isoformat(),
        last_day=audit.last_day.isoformat(),
    ) as staging:
        for name, table in validation.tables.items():
            write_table(table, staging / f"{name}.parquet", of="validate")
        write_json(validation.to_dict(), staging / "validation.json")
        write_json({"format": FORMAT, **_models(validation), "definitions": settings}, staging / MODEL)


def _models(validation: Validation) -> dict[str, Any]:
    """The models as fitted to the past; the spend model is the same beside every one of them."""
    return {
        "transactions": validation.to_dict()["fits"],
        "calibration": {name: m.calibration.to_dict() for name, m in validation.fits.items() if m.calibration},
        "seasons": {name: choice.to_dict() for name, choice in validation.seasons.items()},
        "spend": next(iter(validation.fits.values())).spend_record
        | {"selection": validation.spend_selection.to_dict() if validation.spend_selection else None},
    }
