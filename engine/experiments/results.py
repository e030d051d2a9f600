"""Assigned customers. Frozen."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from whalecurve.engine.experiments.record import Record
from whalecurve.engine.money import UNITS
from whalecurve.engine.notebook import Displayed

SCHEMA = {
    "arm": pl.String(),
    "share": pl.Float64(),
    "customers": pl.Int64(),
    "customer_share": pl.Float64(),
    "mean_value": pl.Float64(),
    "mean_purchase_days": pl.Float64(),
    "mean_days_since_last": pl.Float64(),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Assigned(Displayed):
    """The customers of an experiment and their arms.

    customers : customer_id and the columns of an assignment, in the order of ids; nothing is read until collected
    record : what is fixed
    table : by arm, as `arms.parquet`: share as planned, customers, their share, and what they were like before: arms
        that were drawn alike differ by chance
    n_new : customers who were assigned now, in arms or in the universal holdout
    scores, as_of : the result: its run id, and the last day that it observed
    """

    customers: pl.LazyFrame
    record: Record
    table: pl.DataFrame
    n_new: int
    scores: str
    as_of: str
    warnings: tuple[str, ...]
    out: Path | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON, without any id."""
        return self.record.to_dict() | {
            "new": self.n_new,
            "scores": self.scores,
            "as_of": self.as_of,
            "arms": self.table.to_dicts(),
            "warnings": list(self.warnings),
        }

    def facts(self) -> dict[str, object]:
        """Which experiment, and how many customers in which arm."""
        return {"experiment": self.record.name, **self.record.counts, "new": self.n_new, "in": self.out}


def balance_of(customers: pl.LazyFrame, record: Record) -> pl.DataFrame:
    """A row for each arm; means are of exact sums, so that the order of the customers does not matter."""
    sums = customers.drop_nulls("arm").group_by("arm").agg(
        customers=pl.len().cast(pl.Int64),
        value=(pl.col("value") * UNITS).round().cast(pl.Int64).cast(pl.Int128).sum(),
        purchase_days=pl.col("n_purchase_days").cast(pl.Int64).sum(),
        days=pl.col("days_since_last").cast(pl.Int64).sum(),
        with_days=pl.col("days_since_last").count().cast(pl.Int64),
    )  # fmt: skip
    found = {row["arm"]: row for row in sums.collect(engine="streaming").iter_rows(named=True)}
    n = sum(row["customers"] for row in found.values())
    rows = []
    for arm in record.arms:
        own = found.get(arm.name)
        row: dict[str, Any] = {"arm": arm.name, "share": float(arm.share), "customers": 0, "customer_share": 0.0}
        if own is not None:
            row |= {
                "customers": own["customers"],
                "customer_share": own["customers"] / n,
                "mean_value": own["value"] / (own["customers"] * UNITS),
                "mean_purchase_days": own["purchase_days"] / own["customers"],
                "mean_days_since_last": own["days"] / own["with_days"] if own["with_days"] else None,
            }
        rows.append(row)
    return pl.DataFrame(rows, schema=SCHEMA)
