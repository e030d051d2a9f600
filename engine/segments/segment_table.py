"""The table of all segments: customers, money, risk and action of each."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from whalecurve.engine.errors import InputError
from whalecurve.engine.money import UNITS
from whalecurve.engine.schemes import Part, Scheme
from whalecurve.engine.segments.columns import AMOUNTS, LABELS, RISK_STEPS
from whalecurve.engine.segments.sums import segment_sums

TABLE_SCHEMA = {
    "scheme": pl.String(),
    "segment": pl.String(),
    "customers": pl.Int64(),
    "customer_share": pl.Float64(),
    "orders": pl.Int64(),
    "revenue": pl.Float64(),
    "margin": pl.Float64(),
    "value": pl.Float64(),
    "value_share": pl.Float64(),
    "clv": pl.Float64(),
    "clv_share": pl.Float64(),
    "value_at_stake": pl.Float64(),
    "mean_churn_risk": pl.Float64(),
    "action": pl.String(),
}


def segment_table(customers: pl.LazyFrame | pl.DataFrame, scheme: Scheme) -> pl.DataFrame:
    """One row per segment, cell, tier and stage of the schemes in `LABELS`, in the scheme's order.

    Segments without customers are there too. Customers outside every segment follow in one
    row whose segment is null, so that each scheme adds up to all customers. Amounts are
    summed in millionths of the currency unit, as whole numbers, so the order of rows does
    not matter. Shares are of all customers, and null where their total is not positive. The
    frame needs n_orders, revenue and value; a scheme whose labels it lacks is left out, and
    what margin, clv, value_at_stake and churn_risk would give is null without them.

    Returns
    -------
    DataFrame
        scheme, segment, customers, customer_share, orders, revenue, margin, value,
        value_share, clv, clv_share, value_at_stake, mean_churn_risk, action
    """
    return segment_table_of([segment_sums(customers)], scheme)


def segment_table_of(sums: Sequence[pl.DataFrame], scheme: Scheme) -> pl.DataFrame:
    """The table of all segments from the sums of all customers, in any number of parts."""
    added = (
        pl.concat(sums)
        .group_by("scheme", "segment")
        .agg(
            pl.col("customers", "orders", "n_with_risk").sum(),
            *(pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name) for name in ("risk", *AMOUNTS)),
        )
    )
    parts = parts_of(scheme)
    tables = [
        _table(added.filter(scheme=name), name, [(part.name, part.action) for part in parts[name]], scheme.source)
        for name in LABELS
        if name in added["scheme"]
    ]
    return pl.concat(tables)


def parts_of(scheme: Scheme) -> dict[str, Sequence[Part]]:
    """Segments, cells, tiers and stages, in their order, by the name of the division."""
    return {
        "rfm": scheme.segments,
        "matrix": scheme.matrix,
        "clv_tier": scheme.clv_tiers.labels,
        "lifecycle_stage": scheme.lifecycle.labels,
        "loyalty_tier": scheme.loyalty.labels,
    }


def _table(
    sums: pl.DataFrame, name: str, segments: Sequence[tuple[str | None, str | None]], source: str
) -> pl.DataFrame:
    rows_of = {row["segment"]: row for row in sums.iter_rows(named=True) if row["customers"]}
    unknown = sorted(rows_of.keys() - {None, *(segment for segment, _ in segments)})
    if unknown:
        label = LABELS[name].replace("_", " ")
        raise InputError(
            f'{source}: customers carry the {label} "{unknown[0]}", which the scheme does not have; '
            "make the table with the scheme that named them"
        )
    totals = {column: _total(row[column] for row in rows_of.values()) for column in ("customers", *AMOUNTS)}
    nobody = dict.fromkeys(("customers", "orders"), 0) | {
        amount: None if totals[amount] is None else 0 for amount in AMOUNTS
    }
    outside = [(None, None)] if None in rows_of else []
    return pl.DataFrame(
        [
            {"scheme": name, "segment": segment, "action": action, **_measures(rows_of.get(segment, nobody), totals)}
            for segment, action in (*segments, *outside)
        ],
        schema=TABLE_SCHEMA,
    )


def _total(numbers: Iterable[int | None]) -> int | None:
    given = [number for number in numbers if number is not None]
    return sum(given) if given else None


def _measures(row: Mapping[str, Any], totals: Mapping[str, int | None]) -> dict[str, int | float | None]:
    """Measures of one segment from its whole-number sums; dividing them as Python integers rounds once."""

    def share(column: str) -> float | None:
        total = totals[column]
        return row[column] / total if row[column] is not None and total is not None and total > 0 else None

    return {
        "customers": row["customers"],
        "orders": row["orders"],
        **{amount: None if row[amount] is None else row[amount] / UNITS for amount in AMOUNTS},
        "customer_share": share("customers"),
        "value_share": share("value"),
        "clv_share": share("clv"),
        "mean_churn_risk": row["risk"] / (row["n_with_risk"] * RISK_STEPS) if row.get("n_with_risk") else None,
    }
