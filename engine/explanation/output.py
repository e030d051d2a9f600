"""An explanation on disk: profile, anomalies, flags and the record, published whole or not at all."""

import hashlib
import json
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from whalecurve.engine.explanation.results import Explained
from whalecurve.engine.orders import CAP, Orders
from whalecurve.engine.publication import MANIFEST, MODEL, outputs_below, published, write_json, write_table
from whalecurve.engine.stages import Stages

TABLES = ("profile", "anomalies", "flags")
RECORD = "explain.json"


def publish(found: Explained, out: Path, orders: Orders, stages: Stages) -> None:
    """Write `profile.parquet`, `anomalies.parquet`, `flags.parquet`, `explain.json`, `model.json`, `manifest.json`."""
    definitions = _definitions(found, orders)
    with published(out) as staging:
        with stages.stage("write"):
            for name in TABLES:
                write_table(found.table(name), staging / f"{name}.parquet")
            write_json(found.to_dict(), staging / RECORD)
            write_json({"rates": found.rates, "definitions": definitions}, staging / MODEL)
        manifest = _manifest(found, orders, definitions, stages.seconds)
        write_json(manifest | {"outputs": outputs_below(staging)}, staging / MANIFEST)


def _definitions(found: Explained, orders: Orders) -> dict[str, Any]:
    """Every option that shaped a number, beside those of the scores."""
    return {
        "columns": {role: filled.mapping for role, filled in orders.mapping.roles.items()},
        "where": orders.mapping.where_text,
        "by": [one.by for one in found.dimensions],
        "segment": found.segment,
        "scheme": found.scheme,
        "as_of": found.as_of,
        "value": found.value,
        "scores": found.scores,
        "margin_cap_in_mean_amounts": CAP,
        **asdict(found.settings),
    }


def _manifest(
    found: Explained, orders: Orders, definitions: dict[str, Any], timings: dict[str, float]
) -> dict[str, Any]:
    inputs = [{"path": f.path, "rows": f.n_rows, "bytes": f.n_bytes} for f in orders.files]
    identity = json.dumps([version("whalecurve"), "explain", inputs, definitions], sort_keys=True)
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
