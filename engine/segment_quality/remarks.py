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


def remarks_of(table: pl.DataFrame, rules: QualityRules) -> list[dict[str, str | None]]:
    """The same in words: scheme, segment (None for the whole division) and remark, in the order of the table."""
    told = []
    for row in table.iter_rows(named=True):
        if sentences := [sentence for _, sentence in _remarks(row, rules)]:
            remark = "; ".join(sentences) + _split(row, rules)
            told.append({"scheme": row["scheme"], "segment": row["segment"], "remark": remark})
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


def _split(row: Mapping[str, Any], rules: QualityRules) -> str:
    by, share = row["split_by"], row["split_share"]
    if by is None or share < rules.split_from or row["customers"] < rules.min_customers:
        return ""
    called = SPLIT_CALLED.get(by) or f"{by[0].upper()} score"
    return f"; a split by {called} would take {share:.0%} of its variance of value"
