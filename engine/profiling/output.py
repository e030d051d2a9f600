"""A profile on disk: the table, the seeds, when customers are due, and the record, published whole or not at all."""

import hashlib
import json
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from whalecurve.engine.orders import Orders
from whalecurve.engine.profiling.results import Profiled
from whalecurve.engine.profiling.settings import Seeding
from whalecurve.engine.publication import MANIFEST, MODEL, outputs_below, published, write_json, write_table
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
            found.seeds.table.write_csv(staging / "seeds.csv")
            write_table(found.due, staging / "due.parquet")
            write_json(found.to_dict(), staging / RECORD)
            write_json({"timing": found.timing, "definitions": definitions}, staging / MODEL)
        manifest = _manifest(found, orders, definitions, stages.seconds)
        write_json(manifest | {"outputs": outputs_below(staging)}, staging / MANIFEST)


def _definitions(found: Profiled, orders: Orders, seeding: Seeding) -> dict[str, Any]:
    """Every option that shaped a number, beside those of the scores."""
    return {
        "columns": {role: filled.mapping for role, filled in orders.mapping.roles.items()},
        "where": orders.mapping.where_text,
        "segment": found.choice.name,
        "scheme": found.choice.scheme,
        "as_of": found.as_of,
        "value": found.value,
        "scores": found.scores,
        **asdict(found.settings),
        **found.dimensions,
        "seeds": asdict(seeding) | {"kind": seeding.settled_kind},
    }


def _manifest(
    found: Profiled, orders: Orders, definitions: dict[str, Any], timings: dict[str, float]
) -> dict[str, Any]:
    inputs = [{"path": f.path, "rows": f.n_rows, "bytes": f.n_bytes} for f in orders.files]
    identity = json.dumps([version("whalecurve"), "profile", inputs, definitions], sort_keys=True)
    return {
        "run_id": hashlib.sha256(identity.encode()).hexdigest()[:16],
        "version": version("whalecurve"),
        "created": datetime.now(tz=UTC).isoformat(timespec="seconds"),
        "as_of": found.as_of,
        "inputs": inputs,
        "scores": found.scores,
        "customers": found.customers,
        "timings": timings,
        "warnings": list(found.warnings),
    }
