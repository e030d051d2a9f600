"""A profile on disk: the table, the seeds, when customers are due, and the record, published whole or not at all."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from whalecurve.engine.orders import Orders
from whalecurve.engine.profiling.results import Profiled
from whalecurve.engine.profiling.settings import Seeding
from whalecurve.engine.publication import FORMAT, MODEL, recorded, write_csv, write_json, write_table
from whalecurve.engine.stages import Stages

RECORD = "profile.json"


def publish(profiled: Profiled, out: Path, orders: Orders, seeding: Seeding, stages: Stages) -> None:
    """Write `profile.parquet`, `seeds.parquet`, `seeds.csv`, `due.parquet`, `profile.json`, and the usual records."""
    assert profiled.seeds is not None, "what is written has seeds"
    definitions = _definitions(profiled, orders, seeding)
    with recorded(
        out,
        "profile",
        stages,
        as_of=profiled.as_of,
        inputs=orders.inputs,
        definitions=definitions,
        rows=profiled.rows,
        warnings=profiled.warnings,
        scores=profiled.scores,
        customers=profiled.customers,
    ) as staging:
        write_table(profiled.table, staging / "profile.parquet", of="profile")
        write_table(profiled.seeds.table, staging / "seeds.parquet", of="profile")
        write_csv(profiled.seeds.table, staging / "seeds.csv", is_raw=seeding.is_raw)
        write_table(profiled.due, staging / "due.parquet", of="profile")
        write_json(profiled.to_dict(), staging / RECORD)
        write_json({"format": FORMAT, "timing": profiled.timing, "definitions": definitions}, staging / MODEL)


def _definitions(profiled: Profiled, orders: Orders, seeding: Seeding) -> dict[str, Any]:
    """Every setting that shaped a number, beside those of the scores."""
    return {
        **orders.definitions,
        "segment": profiled.choice.name,
        "scheme": profiled.choice.scheme,
        "as_of": profiled.as_of,
        "value": profiled.value,
        "scores": profiled.scores,
        **asdict(profiled.settings),
        **profiled.dimensions,
        "seeds": asdict(seeding) | {"kind": seeding.resolved_kind},
    }
