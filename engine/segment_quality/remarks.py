"""Which segments are worth a word, by the thresholds of the scheme: in words, and as a column of the table."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from whalecurve.engine.schemes import QualityRules
from whalecurve.engine.segment_quality.quality_sums import MEASURES

SIZED = ("rfm", "matrix")
"""Schemes whose groups may be too large; tiers and stages are as large as they are defined."""

CALLED = {"value": "value", "clv": "CLV", "gap": "days between purchases"}
SPLIT_CALLED = {"clv_tier": "CLV tier", "lifecycle_stage": "lifecycle stage", "loyalty_tier": "loyalty tier"}


def remarked(table: pl.DataFrame, rules: QualityRules) -> pl.DataFrame:
    """The table with `remarks`: small, large, mixed, alike, with commas between; null where there is nothing to say."""
    words = [", ".join(word for word, _ in _remarks(row, rules)) or None for row in table.iter_rows(named=True)]
    return table.with_columns(remarks=pl.Series(words, dtype=pl.String))


def remarks_of(table: pl.DataFrame, rules: QualityRules) -> list[dict[str, Any]]:
    """The rows of which there is something to say, in the order of the table.

    scheme, segment (None for the whole division), customers, remarks (the words of `remarked`), remark (the same in
    sentences), split_by and split_share (None where no split helps enough).
    """
    told = []
    for row in table.iter_rows(named=True):
        if remarks := dict(_remarks(row, rules)):
            helps = _helps(row, rules)
            told.append(
                {name: row[name] for name in ("scheme", "segment", "customers")}
                | {"remarks": list(remarks), "remark": "; ".join(remarks.values()) + (_split(row) if helps else "")}
                | {name: row[name] if helps else None for name in ("split_by", "split_share")}
            )
    return told


def _remarks(row: Mapping[str, Any], rules: QualityRules) -> Iterator[tuple[str, str]]:
    n, share = row["customers"], row["customer_share"]
    if row["segment"] is None:
        told = [row["value_within"], row["clv_within"]]
        if row["scheme"] in SIZED and all(within is not None and 1.0 - within < rules.tells_from for within in told):
            yield "alike", "hardly tells customers apart: {:.0%} of value and {:.0%} of CLV vary within".format(*told)
        return
    if n < rules.min_customers:
        yield "small", f"too small to act on: {n:,} customers, fewer than {rules.min_customers:g}"
        return
    if row["scheme"] in SIZED and share > rules.max_share:
        yield "large", f"too large to mean anything: {share:.0%} of customers"
    mixed = [
        f"{CALLED[measure]} ({spread:.1f} times the relative spread of all customers)"
        for measure in MEASURES
        if (spread := row[f"{measure}_spread"]) is not None and spread >= rules.mixed_from
    ]
    if mixed:
        yield "mixed", f"mixed in {' and '.join(mixed)}"


def _helps(row: Mapping[str, Any], rules: QualityRules) -> bool:
    """Whether a split takes enough of a segment that is large enough."""
    return (
        row["split_by"] is not None
        and row["split_share"] >= rules.split_from
        and row["customers"] >= rules.min_customers
    )


def _split(row: Mapping[str, Any]) -> str:
    by, share = row["split_by"], row["split_share"]
    called = SPLIT_CALLED.get(by) or f"{by[0].upper()} score"
    return f"; a split by {called} would take {share:.0%} of its variance of value"
