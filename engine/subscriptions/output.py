"""Contracts on disk, published whole or not at all."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from whalecurve.engine.publication import FORMAT, MODEL, Result, recorded, write_json, write_table
from whalecurve.engine.side_inputs import SideInput
from whalecurve.engine.stages import Stages
from whalecurve.engine.subscriptions.results import Subscriptions


def publish(found: Subscriptions, out: Path, source: SideInput, result: Result | None, stages: Stages) -> None:
    """Write the tables, `subscriptions.json`, and the usual records."""
    definitions: dict[str, Any] = {
        **asdict(found.settings),
        "as_of": found.as_of,
        "columns": source.columns,
        "preset": source.preset and source.preset.name,
        "scores": None if result is None else result.identity,
    }
    with recorded(
        out,
        "subscriptions",
        stages,
        as_of=found.as_of,
        inputs=[*([] if result is None else [result.identity]), *source.described],
        definitions=definitions,
        rows=found.rows,
        warnings=found.warnings,
    ) as staging:
        for name, table in found.tables.items():
            write_table(table, staging / f"{name}.parquet", of="subscriptions")
        write_json(found.to_dict(), staging / "subscriptions.json")
        write_json({"format": FORMAT, "definitions": definitions}, staging / MODEL)
