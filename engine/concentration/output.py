"""A study of concentration on disk: members, curves, refused lines and the record, published whole or not at all."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.audit import Audit, refused_rows
from whalecurve.engine.concentration.members import SCHEME, with_guests
from whalecurve.engine.concentration.results import Concentrated
from whalecurve.engine.money import UNITS
from whalecurve.engine.orders import Orders
from whalecurve.engine.publication import FORMAT, MODEL, manifest_of, published, write_json, write_manifest, write_table
from whalecurve.engine.stages import Stages

LONGEST_NAME = 60


def publish(concentrated: Concentrated, out: Path, orders: Orders, audits: Mapping[str, Audit], stages: Stages) -> None:
    """Write `members/<dimension>.parquet`, `concentration.parquet`, `refused.parquet`, `model.json`, `manifest.json`.

    The measures and the definitions are in `model.json`.
    """
    definitions = _definitions(concentrated, orders)
    files = _file_names([breakdown.by for breakdown in concentrated.breakdowns])
    with published(out) as staging:
        with stages.stage("write"):
            (staging / "members").mkdir()
            for breakdown in concentrated.breakdowns:
                write_table(breakdown.members, staging / "members" / files[breakdown.by], of="concentration")
            write_table(
                pl.concat(breakdown.curves for breakdown in concentrated.breakdowns),
                staging / "concentration.parquet",
                of="concentration",
            )
            write_table(_refused(orders, audits), staging / "refused.parquet", of="concentration")
            write_json({"format": FORMAT, **concentrated.to_dict(), "definitions": definitions}, staging / MODEL)
        write_manifest(_manifest(concentrated, orders, definitions, files, stages.seconds), staging)


def _file_names(dimensions: list[str]) -> dict[str, str]:
    """A file for each dimension: its text in letters that any file system takes, numbered where that is not its own."""
    plain = {by: re.sub(r"\W+", "_", by, flags=re.ASCII).strip("_")[:LONGEST_NAME] for by in dimensions}
    taken = [name.casefold() for name in plain.values()]
    numbers = {
        by: "" if by == name and taken.count(name.casefold()) == 1 else i
        for i, (by, name) in enumerate(plain.items(), 1)
    }
    return {by: "-".join(part for part in (plain[by], str(numbers[by])) if part) + ".parquet" for by in dimensions}


def _refused(orders: Orders, audits: Mapping[str, Audit]) -> pl.DataFrame:
    """Refused lines with the dimensions that they are refused for: those without customer are so by customer alone."""
    others = [by for by in audits if by != "customer"]
    tables = []
    if "customer" in audits:
        tables.append(refused_rows(orders, audits["customer"]).select(pl.lit("customer").alias("by"), pl.all()))
    if others:
        rows = refused_rows(with_guests(orders), audits[others[0]])
        tables.append(rows.select(pl.lit(", ".join(others)).alias("by"), pl.all()))
    return pl.concat(tables)


def _definitions(concentrated: Concentrated, orders: Orders) -> dict[str, Any]:
    """Every setting that shaped a number, as it was resolved."""
    window = concentrated.breakdowns[0].audit.window
    return {
        **orders.definitions,
        "by": [breakdown.by for breakdown in concentrated.breakdowns],
        "as_of": {breakdown.by: breakdown.audit.as_of.isoformat() for breakdown in concentrated.breakdowns},
        "since": window.since.isoformat() if window.since else None,
        "timezone": window.timezone or orders.timezone,
        "value": concentrated.value,
        "rfm_scheme": SCHEME,
        "money_resolution": 1.0 / UNITS,
    }


def _manifest(
    concentrated: Concentrated,
    orders: Orders,
    definitions: dict[str, Any],
    files: dict[str, str],
    timings: dict[str, float],
) -> dict[str, Any]:
    dimensions = [dimension.to_dict() for dimension in concentrated.breakdowns]
    first = dimensions[0]
    kept = ("by", "as_of", "rows", "lines", "lines_without_customer", "warnings")
    return manifest_of(
        "concentration",
        as_of=first["as_of"],
        inputs=orders.inputs,
        definitions=definitions,
        rows=first["rows"],
        timings=timings,
        warnings=dict.fromkeys(words for dimension in dimensions for words in dimension["warnings"]),
        dimensions=[
            {"members": f"members/{files[dimension['by']]}", **{name: dimension[name] for name in kept}}
            for dimension in dimensions
        ],
    )
