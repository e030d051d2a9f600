"""A sample on disk, published whole or not at all."""

from dataclasses import asdict
from pathlib import Path

from whalecurve.engine.publication import FORMAT, MODEL, Result, recorded, write_csv, write_json, write_table
from whalecurve.engine.sampling.results import Sampled
from whalecurve.engine.stages import Stages


def publish(found: Sampled, out: Path, result: Result, stages: Stages) -> None:
    """Write `sample.parquet`, `sample.csv`, `strata.parquet`, `sample.json`, and the usual records."""
    definitions = asdict(found.settings) | {"per_segment": found.settings.resolved_per_segment, "scores": found.scores}
    with recorded(
        out,
        "sample",
        stages,
        as_of=found.as_of,
        inputs=[result.identity],
        definitions=definitions,
        rows=None,
        warnings=found.warnings,
        customers={
            "all": sum(s.n_customers for s in found.strata),
            "sampled": sum(s.n_drawn for s in found.strata),
        },
    ) as staging:
        write_table(found.customers, staging / "sample.parquet", of="sample")
        write_csv(found.customers, staging / "sample.csv")
        write_table(found.table, staging / "strata.parquet", of="sample")
        write_json(found.to_dict(), staging / "sample.json")
        write_json({"format": FORMAT, "definitions": definitions}, staging / MODEL)
