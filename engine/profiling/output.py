"""A profile on disk: the table, the seeds, when customers are due, and the record, published whole or not at all."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from whalecurve.engine.orders import Orders
from whalecurve.engine.profiling.results import Profiled
from whalecurve.engine.profiling.settings import Seeding
from whalecurve.engine.publication import (
    FORMAT,
    MODEL,
    manifest_of,
    published,
    write_csv,
    write_json,
    write_manifest,
    write_table,
)
from whalecurve.engine.stages import Stages

RECORD = "profile.json"


def publish(found: Profiled, out: Path, orders: Orders, seeding: Seeding, stages: Stages) -> None:
    """Write `profile.parquet`, `seeds.parquet`, `seeds.csv`, `due.parquet`, `profile.json`, and the usual records."""
    assert found.seeds is not None, "what is written has seeds"
    definitions = _definitions(found, orders, seeding)
    with published(out) as staging:
        with stages.stage("write"):
            write_table(found.table, staging / "profile.parquet")
            write_table(found.seeds.table, staging / "seeds.parquet")
            write_csv(found.seeds.table, staging / "seeds.csv", is_raw=seeding.is_raw)
            write_table(found.due, staging / "due.parquet")
            write_json(found.to_dict(), staging / RECORD)
            write_json({"format": FORMAT, "timing": found.timing, "definitions": definitions}, staging / MODEL)
        record = manifest_of(
            "profile",
            as_of=found.as_of,
            inputs=orders.inputs,
            definitions=definitions,
            rows=found.rows,
            timings=stages.seconds,
            warnings=found.warnings,
            scores=found.scores,
            customers=found.customers,
        )
        write_manifest(record, staging)


def _definitions(found: Profiled, orders: Orders, seeding: Seeding) -> dict[str, Any]:
    """Every setting that shaped a number, beside those of the scores."""
    return {
        **orders.definitions,
        "segment": found.choice.name,
        "scheme": found.choice.scheme,
        "as_of": found.as_of,
        "value": found.value,
        "scores": found.scores,
        **asdict(found.settings),
        **found.dimensions,
        "seeds": asdict(seeding) | {"kind": seeding.resolved_kind},
    }
