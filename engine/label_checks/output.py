"""A validation of the labels on disk: Parquet tables and the record, published whole or not at all."""

from pathlib import Path

from whalecurve.engine.audit import Audit
from whalecurve.engine.label_checks.results import LabelValidation
from whalecurve.engine.publication import recorded, write_json, write_table
from whalecurve.engine.scoring import Job, definitions
from whalecurve.engine.stages import Stages


def publish_labels(validation: LabelValidation, out: Path, job: Job, audit: Audit, stages: Stages) -> None:
    """Write `labels.parquet`, `verdicts.parquet`, `churned.parquet`, `labels.json` and `manifest.json` to `out`."""
    with recorded(
        out,
        "validate labels",
        stages,
        as_of=validation.as_of.isoformat(),
        inputs=job.orders.inputs,
        definitions=definitions(job, audit) | {"cuts": [cut.isoformat() for cut in validation.cuts]},
        rows=audit.rows,
        warnings=validation.warnings,
        lines=audit.kinds,
        first_day=audit.first_day.isoformat(),
        last_day=audit.last_day.isoformat(),
    ) as staging:
        for name, table in validation.tables.items():
            write_table(table, staging / f"{name}.parquet", of="validate")
        write_json(validation.to_dict(), staging / "labels.json")
