"""Habits on disk, published whole or not at all."""

from dataclasses import asdict
from pathlib import Path

from whalecurve.engine.habits.results import Habits
from whalecurve.engine.orders import Orders
from whalecurve.engine.publication import FORMAT, MODEL, recorded, write_json, write_table
from whalecurve.engine.settings import ObservedWindow
from whalecurve.engine.stages import Stages

TABLES = {
    "habits": "customers",
    "segments": "segments",
    "products": "products",
    "replenishment": "replenishment",
}
"""Files, and the tables that they hold."""


def publish(found: Habits, out: Path, orders: Orders, window: ObservedWindow, stages: Stages) -> None:
    """Write the tables, `habits.json`, and the usual records."""
    definitions = {
        **orders.definitions,
        **asdict(found.settings),
        "as_of": found.as_of,
        "since": window.since.isoformat() if window.since else None,
        "timezone": window.timezone or orders.timezone,
        "scores": found.scores,
    }
    with recorded(
        out,
        "habits",
        stages,
        as_of=found.as_of,
        inputs=orders.inputs,
        definitions=definitions,
        rows=found.rows,
        warnings=found.warnings,
    ) as staging:
        for name, held in TABLES.items():
            table = getattr(found, held)
            if table is not None:
                write_table(table, staging / f"{name}.parquet", of="habits")
        write_json(found.to_dict(), staging / "habits.json")
        write_json({"format": FORMAT, "definitions": definitions}, staging / MODEL)
