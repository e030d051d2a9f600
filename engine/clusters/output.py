"""Clusters on disk, published whole or not at all."""

from dataclasses import asdict
from pathlib import Path

from whalecurve.engine.clusters.results import Clustered
from whalecurve.engine.publication import FORMAT, MODEL, Result, recorded, write_json, write_table
from whalecurve.engine.stages import Stages

TABLES = ("customers", "clusters", "profile", "crossed", "stability")


def publish(found: Clustered, out: Path, result: Result, stages: Stages) -> None:
    """Write the tables, `clusters.json`, what divides customers as `clusters` in `model.json`, and the record."""
    asked = asdict(found.settings) | {"columns": list(found.settings.columns), "k": list(found.settings.k)}
    definitions = {"clusters_of": asked.pop("columns"), **asked, "applied": found.applied, "scores": found.scores}
    with recorded(
        out,
        "clusters",
        stages,
        as_of=found.as_of,
        inputs=[result.identity],
        definitions=definitions,
        rows=None,
        warnings=found.warnings,
    ) as staging:
        for name in TABLES:
            write_table(getattr(found, name), staging / f"{name}.parquet", of="clusters")
        write_json(found.to_dict(), staging / "clusters.json")
        kept = None if found.saved is None else found.saved.to_dict()
        write_json({"format": FORMAT, "clusters": kept, "definitions": definitions}, staging / MODEL)
