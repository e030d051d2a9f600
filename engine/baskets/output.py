"""Baskets on disk, published whole or not at all."""

from dataclasses import asdict
from pathlib import Path

from whalecurve.engine.baskets.results import BasketStudy
from whalecurve.engine.orders import Orders
from whalecurve.engine.publication import FORMAT, MODEL, recorded, write_json, write_table
from whalecurve.engine.settings import ObservedWindow
from whalecurve.engine.stages import Stages

TABLES = ("items", "pairs", "assortment", "recommendations")


def publish(study: BasketStudy, out: Path, orders: Orders, window: ObservedWindow, stages: Stages) -> None:
    """Write the tables, `baskets.json`, and the usual records."""
    definitions = {
        **orders.definitions,
        **asdict(study.settings),
        "as_of": study.as_of,
        "since": window.since.isoformat() if window.since else None,
        "timezone": window.timezone or orders.timezone,
        "scores": study.scores,
    }
    with recorded(
        out,
        "baskets",
        stages,
        as_of=study.as_of,
        inputs=orders.inputs,
        definitions=definitions,
        rows=study.rows,
        warnings=study.warnings,
        lines=study.lines,
    ) as staging:
        for name in TABLES:
            table = getattr(study, name)
            if table is not None:
                write_table(table, staging / f"{name}.parquet", of="baskets")
        write_json(study.to_dict(), staging / "baskets.json")
        write_json({"format": FORMAT, "definitions": definitions}, staging / MODEL)
