"""An explanation on disk: profile, anomalies, flags and the record, published whole or not at all."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from whalecurve.engine.explanation.results import Explained
from whalecurve.engine.orders import CAP, Orders
from whalecurve.engine.publication import FORMAT, MODEL, recorded, write_json, write_table
from whalecurve.engine.stages import Stages

TABLES = ("profile", "anomalies", "flags")
RECORD = "explain.json"


def publish(explained: Explained, out: Path, orders: Orders, stages: Stages) -> None:
    """Write `profile.parquet`, `anomalies.parquet`, `flags.parquet`, `explain.json`, `model.json`, `manifest.json`."""
    definitions = _definitions(explained, orders)
    with recorded(
        out,
        "explain",
        stages,
        as_of=explained.as_of,
        inputs=orders.inputs,
        definitions=definitions,
        rows=explained.rows,
        warnings=explained.warnings,
        scores=explained.scores,
        customers=explained.customers,
    ) as staging:
        for name in TABLES:
            write_table(explained.table(name), staging / f"{name}.parquet", of="explain")
        write_json(explained.to_dict(), staging / RECORD)
        write_json({"format": FORMAT, "rates": explained.rates, "definitions": definitions}, staging / MODEL)


def _definitions(explained: Explained, orders: Orders) -> dict[str, Any]:
    """Every setting that shaped a number, beside those of the scores."""
    return {
        **orders.definitions,
        "by": [dimension.by for dimension in explained.dimensions],
        "segment": explained.segment,
        "scheme": explained.scheme,
        "as_of": explained.as_of,
        "value": explained.value,
        "scores": explained.scores,
        "margin_cap_in_mean_amounts": CAP,
        **asdict(explained.settings),
    }
