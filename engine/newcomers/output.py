"""Newcomers on disk, published whole or not at all."""

from dataclasses import asdict
from pathlib import Path

from whalecurve.engine.newcomers.results import Newcomers
from whalecurve.engine.orders import Orders
from whalecurve.engine.publication import FORMAT, MODEL, Result, recorded, write_json, write_table
from whalecurve.engine.stages import Stages


def publish(found: Newcomers, out: Path, result: Result, orders: Orders | None, stages: Stages) -> None:
    """Write the tables, `newcomers.json`, and the usual records."""
    asked = asdict(found.settings) | {"by": list(found.settings.by)}
    definitions = {**(orders.definitions if orders is not None else {}), **asked, "scores": found.scores}
    with recorded(
        out,
        "newcomers",
        stages,
        as_of=found.as_of,
        inputs=[result.identity],
        definitions=definitions,
        rows=None,
        warnings=found.warnings,
    ) as staging:
        write_table(found.groups, staging / "newcomers.parquet", of="newcomers")
        if found.residual is not None:
            write_table(found.residual, staging / "residual.parquet", of="newcomers")
        write_json(found.to_dict(), staging / "newcomers.json")
        write_json({"format": FORMAT, "definitions": definitions}, staging / MODEL)
