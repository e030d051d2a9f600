"""A changed future on disk, published whole or not at all."""

from dataclasses import asdict
from pathlib import Path

from whalecurve.engine.publication import FORMAT, MODEL, Result, recorded, write_json, write_table
from whalecurve.engine.scenarios.results import Supposed
from whalecurve.engine.stages import Stages


def publish(found: Supposed, out: Path, result: Result, stages: Stages) -> None:
    """Write `whatif.parquet`, `whatif.json`, `tornado.parquet` where there is one, and the usual records."""
    definitions = asdict(found.levers) | {"scores": found.scores}
    with recorded(
        out,
        "whatif",
        stages,
        as_of=found.as_of,
        inputs=[result.identity],
        definitions=definitions,
        rows=None,
        warnings=found.warnings,
    ) as staging:
        write_table(found.table, staging / "whatif.parquet", of="whatif")
        write_json(found.to_dict(), staging / "whatif.json")
        if found.tornado is not None:
            write_table(found.tornado, staging / "tornado.parquet", of="whatif")
        write_json({"format": FORMAT, "definitions": definitions}, staging / MODEL)
