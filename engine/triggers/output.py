"""The list of a day on disk, published whole or not at all."""

from pathlib import Path

from whalecurve.engine.publication import FORMAT, MODEL, Result, recorded, write_csv, write_json, write_table
from whalecurve.engine.stages import Stages
from whalecurve.engine.triggers.results import Triggered


def publish(found: Triggered, out: Path, result: Result, stages: Stages) -> None:
    """Write `triggers.parquet`, `triggers.csv`, `held_back.parquet`, `triggers.json`, and the usual records."""
    record = found.to_dict()
    definitions = record["settings"] | {"since": record["since"], "scores": found.scores}
    with recorded(
        out,
        "triggers",
        stages,
        as_of=found.as_of,
        inputs=[result.identity],
        definitions=definitions,
        rows=None,
        warnings=found.warnings,
        customers=record["customers"],
        triggers=found.counts,
    ) as staging:
        write_table(found.customers, staging / "triggers.parquet", of="triggers")
        write_csv(found.customers, staging / "triggers.csv")
        write_table(found.held_back, staging / "held_back.parquet", of="triggers")
        write_json(record, staging / "triggers.json")
        write_json({"format": FORMAT, "definitions": definitions}, staging / MODEL)
