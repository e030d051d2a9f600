"""A plan on disk, published whole or not at all."""

from pathlib import Path

from whalecurve.engine.planning.results import PlannedExperiment
from whalecurve.engine.publication import FORMAT, MODEL, Result, recorded, write_json, write_table
from whalecurve.engine.stages import Stages


def publish(found: PlannedExperiment, out: Path, result: Result, stages: Stages) -> None:
    """Write `plan.parquet`, `replays.parquet`, `plan.json`, and the usual records."""
    definitions = found.settings | {"scores": found.scores}
    with recorded(
        out,
        "experiment plan",
        stages,
        as_of=found.as_of,
        inputs=[result.identity],
        definitions=definitions,
        rows=None,
        warnings=found.warnings,
    ) as staging:
        write_table(found.sizes, staging / "plan.parquet", of="experiment plan")
        write_table(found.replays, staging / "replays.parquet", of="experiment plan")
        write_json(found.to_dict(), staging / "plan.json")
        write_json({"format": FORMAT, "definitions": definitions}, staging / MODEL)
