"""An explanation on disk: profile, anomalies, flags and the record, published whole or not at all."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from whalecurve.engine.explanation.results import Explained
from whalecurve.engine.orders import CAP, Orders
from whalecurve.engine.publication import FORMAT, MODEL, manifest_of, published, write_json, write_manifest, write_table
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
            write_json({"format": FORMAT, "rates": found.rates, "definitions": definitions}, staging / MODEL)
        record = manifest_of(
            "explain",
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


def _definitions(found: Explained, orders: Orders) -> dict[str, Any]:
    """Every setting that shaped a number, beside those of the scores."""
    return {
        **orders.definitions,
        "by": [one.by for one in found.dimensions],
        "segment": found.segment,
        "scheme": found.scheme,
        "as_of": found.as_of,
        "value": found.value,
        "scores": found.scores,
        "margin_cap_in_mean_amounts": CAP,
        **asdict(found.settings),
    }
