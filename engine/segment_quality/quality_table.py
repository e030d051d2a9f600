"""Sums of customers by segment -> one row per segment: how large it is, how alike its customers are, what splits it."""

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import polars as pl

from whalecurve.engine.segment_quality.quality_sums import MEASURES, NOBODY, SPLITS, Group, Moments, QualitySums

SCHEMA = {
    "scheme": pl.String(),
    "segment": pl.String(),
    "customers": pl.Int64(),
    "customer_share": pl.Float64(),
    **{f"{measure}_{what}": pl.Float64() for measure in MEASURES for what in ("mean", "deviation", "spread", "within")},
    "split_by": pl.String(),
    "split_share": pl.Float64(),
}
BY = 0
"""The measure that splits are judged by: value."""


def quality_of(sums: QualitySums) -> pl.DataFrame:
    """One row for each scheme, whose segment is null, and one for each of its segments with customers.

    Customers without a label take no part. The variance within a segment is Σ(x - mean of the segment)² over the
    customers who have the number; that of the scheme is the sum over its segments, and 1 less its share of the whole is
    eta squared, the share of the variance that lies between segments.

    A split by a column makes a segment a part for each value of it, null among them. It takes the share of the
    segment's scatter of value that is then between the parts, less what any split into as many takes by chance:
    1 - (scatter within the parts / (n - parts)) / (scatter / (n - 1)), which is adjusted R squared. The column that
    takes most is told, of equal ones the first; null where none takes any.

    Returns
    -------
    DataFrame
        scheme, segment, customers, customer_share
        value_mean, value_deviation : and the same of clv, and of gap, the mean days between purchases of who has bought
            on two days; the standard deviation divides by n; null without customers who have the number
        value_spread : and the same; deviation / mean, over the same of all customers: 1 is as mixed as all of them;
            null where a mean is not positive, or all are equal
        value_within : and the same; of a segment its variance over that of all customers, of the scheme the share of
            the scatter of all that lies within segments; null where there is no scatter
        split_by, split_share : null for the scheme
    """
    rows = [row for scheme in sums.schemes for row in _rows(scheme, sums)]
    return pl.DataFrame(rows, schema=SCHEMA)


def _rows(scheme: str, sums: QualitySums) -> list[dict[str, Any]]:
    groups: dict[str | None, Group] = {
        label[0]: group for label, group in sums.of(scheme).items() if label[0] is not None
    }
    whole = sum(groups.values(), NOBODY)
    if not whole.customers:
        return []
    own: dict[str, Any] = {"scheme": scheme, "segment": None, "customers": whole.customers, "customer_share": 1.0}
    rows: list[dict[str, Any]] = [own | _numbers(whole, whole, _within(groups, whole))]
    splits = {column: sums.of(scheme, column) for column in SPLITS.get(scheme, ())}
    for name, group in groups.items():
        place = {"segment": name, "customers": group.customers, "customer_share": group.customers / whole.customers}
        rows.append(own | place | _numbers(group, whole, _against(group, whole)) | _best_split(name, group, splits))
    return rows


def _numbers(group: Group, whole: Group, within: list[float | None]) -> dict[str, float | None]:
    numbers: dict[str, float | None] = {}
    for measure, moments, of_all, share in zip(MEASURES, group.moments, whole.moments, within, strict=True):
        numbers[f"{measure}_mean"] = float(moments.total / moments.n) if moments.n else None
        numbers[f"{measure}_deviation"] = float(moments.scatter / moments.n) ** 0.5 if moments.n else None
        numbers[f"{measure}_spread"] = _spread(moments, of_all)
        numbers[f"{measure}_within"] = share
    return numbers


def _spread(moments: Moments, of_all: Moments) -> float | None:
    """Deviation / mean over the same of all: the root of a ratio of whole numbers, so it is rounded once."""
    if not (moments.n and moments.total > 0 and of_all.total > 0 and of_all.scatter):
        return None
    own, whole = (part.scatter * part.n / part.total**2 for part in (moments, of_all))
    return math.sqrt(own / whole)


def _within(groups: Mapping[str | None, Group], whole: Group) -> list[float | None]:
    """Of each measure, the share of the scatter of all that lies within segments."""
    shares: list[float | None] = []
    for at, moments in enumerate(whole.moments):
        within = sum((group.moments[at].scatter for group in groups.values()), Fraction(0))
        shares.append(float(within / moments.scatter) if moments.scatter else None)
    return shares


def _against(group: Group, whole: Group) -> list[float | None]:
    """Of each measure, the variance of the group over that of all."""
    return [
        float(own.scatter / own.n / (of_all.scatter / of_all.n)) if own.n and of_all.scatter else None
        for own, of_all in zip(group.moments, whole.moments, strict=True)
    ]


def _best_split(
    name: str | None, group: Group, splits: Mapping[str, Mapping[tuple[str | None, ...], Group]]
) -> dict[str, Any]:
    best: tuple[str | None, float | None] = (None, None)
    own = group.moments[BY]
    for column, parts in splits.items():
        moments = [part.moments[BY] for (segment, _), part in parts.items() if segment == name and part.moments[BY].n]
        left = own.n - len(moments)
        if len(moments) < 2 or left < 1 or not own.scatter:
            continue
        within = sum((part.scatter for part in moments), Fraction(0))
        taken = float(1 - (within / left) / (own.scatter / (own.n - 1)))
        if taken > (best[1] or 0.0):
            best = (column, taken)
    return {"split_by": best[0], "split_share": best[1]}
