"""Clusters in words: the columns by which they differ most from the other customers."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from whalecurve.engine.clusters.features import Customers, Scale
from whalecurve.kernels.arrays import Int64, Vector

NAMED = 3
"""Columns that a description names, at most."""

LEAST = 0.5
"""Spreads from the median of the others from which on a column is named."""

WORDS = {
    "days_since_last": ("bought recently", "long silent"),
    "n_purchase_days": ("few purchases", "many purchases"),
    "value": ("low value", "high value"),
}
"""What is said of low and of high values; of other columns "low NAME" and "high NAME"."""


def profile_of(customers: Customers, scales: Sequence[Scale], labels: Int64, k: int) -> pl.DataFrame:
    """One row per cluster and column: cluster (from 1), column, median, median_of_others, difference.

    The difference is of medians on the common scale; the columns of a cluster stand by its size, greatest first.
    """
    rows = []
    for cluster in range(k):
        mine = labels == cluster
        for scale in scales:
            values = customers.values(scale.column)
            scaled = scale.scaled(values)
            own, others = _median(values[mine]), _median(values[~mine])
            is_told = own is not None and others is not None
            difference = float(np.median(scaled[mine]) - np.median(scaled[~mine])) if is_told else None
            rows.append((cluster + 1, scale.column, own, others, difference))
    numbers = dict.fromkeys(("median", "median_of_others", "difference"), pl.Float64)
    schema = {"cluster": pl.Int64, "column": pl.String, **numbers}
    if not rows:
        return pl.DataFrame(schema=schema)
    places = {scale.column: place for place, scale in enumerate(scales)}
    return pl.DataFrame(rows, schema=schema, orient="row").sort(
        "cluster",
        pl.col("difference").abs(),
        pl.col("column").replace_strict(places, return_dtype=pl.Int64),
        descending=[False, True, False],
        nulls_last=True,
    )


def described(profile: pl.DataFrame) -> str:
    """A cluster in words, from its rows of a profile."""
    words: list[str] = []
    for row in profile.to_dicts():
        if row["difference"] is None or abs(row["difference"]) < LEAST or len(words) == NAMED:
            break
        low, high = WORDS.get(row["column"], (f"low {row['column']}", f"high {row['column']}"))
        word = high if row["difference"] > 0.0 else low
        words.append(f"{word} ({_number(row['median'])}, others {_number(row['median_of_others'])})")
    return ", ".join(words) or "like the others"


def _median(values: Vector) -> float | None:
    return float(np.median(values)) if values.size else None


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100.0 or value == round(value) else f"{value:,.3g}"
