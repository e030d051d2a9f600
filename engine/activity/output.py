"""Activity on disk, published whole or not at all."""

from dataclasses import asdict
from pathlib import Path

from whalecurve.engine.activity.results import Activity
from whalecurve.engine.orders import Orders
from whalecurve.engine.publication import FORMAT, MODEL, recorded, write_json, write_table
from whalecurve.engine.side_inputs import SideInput
from whalecurve.engine.stages import Stages

TABLES = ("customers", "segments", "rates", "carts")


def publish(found: Activity, out: Path, orders: Orders, source: SideInput, stages: Stages) -> None:
    """Write the tables, `activity.json`, and the usual records."""
    definitions = {
        **orders.definitions,
        **asdict(found.settings),
        "as_of": found.as_of,
        "scores": found.scores,
        "preset": found.preset,
        "event_columns": found.columns,
    }
    with recorded(
        out,
        "activity",
        stages,
        as_of=found.as_of,
        inputs=[*orders.inputs, *source.described],
        definitions=definitions,
        rows=found.rows,
        warnings=found.warnings,
        scores=found.scores,
        events=found.tally,
    ) as staging:
        for name in TABLES:
            write_table(getattr(found, name), staging / f"{name}.parquet", of="activity")
        write_json(found.to_dict(), staging / "activity.json")
        write_json({"format": FORMAT, "definitions": definitions}, staging / MODEL)
