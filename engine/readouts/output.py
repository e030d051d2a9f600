"""A reading of an experiment on disk, published whole or not at all."""

from pathlib import Path

from whalecurve.engine.orders import Orders
from whalecurve.engine.publication import FORMAT, MODEL, recorded, write_csv, write_json, write_table
from whalecurve.engine.readouts.results import Readout
from whalecurve.engine.stages import Stages

READOUT = "readout.json"


def publish(found: Readout, out: Path, orders: Orders, source: str | Path, stages: Stages) -> None:
    """Write `effects.parquet`, `effects.csv`, `arms.parquet`, `readout.json`, and the usual records."""
    record = found.to_dict()
    definitions = {**orders.definitions, "plan": found.plan, "adjustment": found.adjustment}
    with recorded(
        out, "experiment read", stages,
        as_of=found.as_of, inputs=orders.inputs, definitions=definitions, rows=found.rows, warnings=found.warnings,
        experiment=str(source),
    ) as staging:  # fmt: skip
        write_table(found.effects, staging / "effects.parquet", of="experiment read")
        write_csv(found.effects, staging / "effects.csv")
        write_table(found.arms, staging / "arms.parquet", of="experiment read")
        write_json(record, staging / READOUT)
        write_json({"format": FORMAT, "definitions": definitions}, staging / MODEL)
