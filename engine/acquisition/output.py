"""Costs of acquisition on disk, published whole or not at all."""

from dataclasses import asdict
from pathlib import Path

from whalecurve.engine.acquisition.results import AcquisitionCosts
from whalecurve.engine.orders import Orders
from whalecurve.engine.publication import FORMAT, MODEL, Result, recorded, write_json, write_table
from whalecurve.engine.stages import Stages


def publish(found: AcquisitionCosts, out: Path, result: Result, orders: Orders, stages: Stages) -> None:
    """Write tables of values, cohorts, curves and what is unmatched, `acquisition.json`, and the usual records."""
    definitions = {**orders.definitions, **asdict(found.settings), "by": found.by, "scores": found.scores}
    with recorded(
        out,
        "acquisition",
        stages,
        as_of=found.as_of,
        inputs=[result.identity],
        definitions=definitions,
        rows=None,
        warnings=found.warnings,
        costs=found.rows,
    ) as staging:
        write_table(found.values, staging / "acquisition.parquet", of="acquisition")
        write_table(found.cohorts, staging / "cohorts.parquet", of="acquisition")
        write_table(found.curves, staging / "curves.parquet", of="acquisition")
        write_table(found.unmatched, staging / "unmatched.parquet", of="acquisition")
        write_json(found.to_dict(), staging / "acquisition.json")
        write_json({"format": FORMAT, "definitions": definitions}, staging / MODEL)
