"""Surveys and tickets on disk, published whole or not at all."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from whalecurve.engine.experience.results import Experience
from whalecurve.engine.publication import FORMAT, MODEL, Result, recorded, write_json, write_table
from whalecurve.engine.side_inputs import SideInput
from whalecurve.engine.stages import Stages


def publish(found: Experience, out: Path, result: Result, sources: Mapping[str, SideInput], stages: Stages) -> None:
    """Write the tables, `experience.json`, and the usual records."""
    definitions: dict[str, Any] = {
        **asdict(found.settings),
        "weight_by": list(found.settings.weight_by),
        "columns": {name: source.columns for name, source in sources.items()},
        "presets": {name: source.preset and source.preset.name for name, source in sources.items()},
        "scores": result.identity,
    }
    files = [file for source in sources.values() for file in source.described]
    with recorded(
        out,
        "experience",
        stages,
        as_of=found.as_of,
        inputs=[result.identity, *files],
        definitions=definitions,
        rows=found.rows,
        warnings=found.warnings,
    ) as staging:
        for name, table in found.tables.items():
            write_table(table, staging / f"{name}.parquet", of="experience")
        write_json(found.to_dict(), staging / "experience.json")
        write_json({"format": FORMAT, "definitions": definitions}, staging / MODEL)
