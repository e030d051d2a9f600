"""A sample on disk, published whole or not at all."""

from dataclasses import asdict
from pathlib import Path

from whalecurve.engine.publication import (
    FORMAT,
    MODEL,
    Result,
    manifest_of,
    published,
    write_csv,
    write_json,
    write_manifest,
    write_table,
)
from whalecurve.engine.sampling.results import Sampled
from whalecurve.engine.stages import Stages


def publish(found: Sampled, out: Path, result: Result, stages: Stages) -> None:
    """Write `sample.parquet`, `sample.csv`, `strata.parquet`, `sample.json`, and the usual records."""
    definitions = asdict(found.settings) | {"per_segment": found.settings.resolved_per_segment, "scores": found.scores}
    with published(out) as staging:
        with stages.stage("write"):
            write_table(found.customers, staging / "sample.parquet")
            write_csv(found.customers, staging / "sample.csv")
            write_table(found.table, staging / "strata.parquet")
            write_json(found.to_dict(), staging / "sample.json")
            write_json({"format": FORMAT, "definitions": definitions}, staging / MODEL)
        record = manifest_of(
            "sample",
            as_of=found.as_of,
            inputs=[{"path": str(result.path), "run_id": found.scores, "as_of": found.as_of}],
            definitions=definitions,
            rows=None,
            timings=stages.seconds,
            warnings=found.warnings,
            customers={
                "all": sum(s.n_customers for s in found.strata),
                "sampled": sum(s.n_drawn for s in found.strata),
            },
        )
        write_manifest(record, staging)
