"""Scores as they would be if those who answered were mixed as all customers are: beside the raw ones, never instead."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from whalecurve.engine.experience.questions import HIGH, KINDS, LOW, NPS
from whalecurve.engine.experience.surveys import KEYS, latest
from whalecurve.engine.money import UNITS
from whalecurve.engine.publication import CUSTOMER
from whalecurve.engine.segments import LABELS
from whalecurve.engine.statistics import RatioSums, raked, student_quantile
from whalecurve.kernels.arrays import Int64, Vector

LEAST_ANSWERS = 5
"""Customers who answered, with fewer of whom levels are put together before weighting."""

MEASURES = {
    "nps": ({HIGH: 1, LOW: -1}, 100.0),
    "top_share": ({HIGH: 1}, 1.0),
    "bottom_share": ({LOW: 1}, 1.0),
    "mean": (None, 1.0 / UNITS),
}
"""Of each measure what the classes count (None: the score itself), and in which unit."""


def weighting_counts(answers: pl.DataFrame, customers: pl.DataFrame, schemes: Sequence[str]) -> pl.DataFrame:
    """Customers with the same labels and the same sums: KEYS, the labels, n, score, high, low, customers."""
    sums = (
        latest(answers, "product")
        .group_by(CUSTOMER, *KEYS)
        .agg(
            n=pl.len().cast(pl.Int64),
            score=pl.col("score").sum(),
            high=(pl.col("told") == HIGH).sum().cast(pl.Int64),
            low=(pl.col("told") == LOW).sum().cast(pl.Int64),
        )
    )
    labels = [pl.col(LABELS[scheme]).cast(pl.String).fill_null("").alias(scheme) for scheme in schemes]
    joined = sums.join(customers.select(CUSTOMER, *labels), on=CUSTOMER, how="inner")
    return joined.group_by(*KEYS, *schemes, "n", "score", "high", "low").agg(customers=pl.len().cast(pl.Int64))


def weighted_scores(
    counts: pl.DataFrame, mix: pl.DataFrame, schemes: Sequence[str], least: int, level: float
) -> list[dict[str, Any]]:
    """Rows of `WEIGHTED_SCHEMA`.

    Parameters
    ----------
    counts
        As `weighting_counts` has them, over all customers.
    mix
        The labels of all customers, and how many customers have them.
    least
        Customers who must have answered.
    """
    rows = []
    for key, table in counts.group_by(*KEYS, maintain_order=True):
        ordered = table.sort(*schemes, "n", "score", "high", "low")
        n = ordered["customers"].sum()
        if n >= least:
            rows += _of_question(dict(zip(KEYS, key, strict=True)), ordered, mix, schemes, level)
    return sorted(rows, key=lambda row: (row["question"], row["scale"] or 0))


def _of_question(
    key: dict[str, Any], table: pl.DataFrame, mix: pl.DataFrame, schemes: Sequence[str], level: float
) -> list[dict[str, Any]]:
    counts = table["customers"].cast(pl.Float64).to_numpy()
    margins = [_margin(table, mix, scheme) for scheme in schemes]
    weights = raked(counts, [one[0] for one in margins], [one[1] for one in margins])
    is_weighted = weights is not None
    w = np.ones(counts.size) if weights is None else weights
    said = {
        **key,
        "customers": int(counts.sum()),
        "effective_customers": float((w * counts).sum() ** 2 / (w * w * counts).sum()) if is_weighted else None,
        "represented": min(one[2] for one in margins),
    }
    rows = []
    for measure, (classes, unit) in MEASURES.items():
        if (measure == "nps" and key["question"] != NPS) or (classes is not None and key["question"] not in KINDS):
            continue
        y = _above(table, classes)
        x = table["n"].cast(pl.Float64).to_numpy()
        raw = float((counts * y).sum() / (counts * x).sum())
        found = _weighted(counts, w, x, y, level) if is_weighted else (None, None, None)
        names = ("weighted", "weighted_low", "weighted_high")
        values = {name: None if value is None else value * unit for name, value in zip(names, found, strict=True)}
        rows.append(said | {"measure": measure, "raw": raw * unit} | values)
    return rows


def _margin(table: pl.DataFrame, mix: pl.DataFrame, scheme: str) -> tuple[Int64, Vector, float]:
    """Level of each cell, the share each level should have, and the share of all customers that levels stand for."""
    of_all = dict(mix.group_by(scheme).agg(pl.col("customers").sum()).sort(scheme).iter_rows())
    answered = dict(table.group_by(scheme).agg(pl.col("customers").sum()).iter_rows())
    large = [name for name in of_all if answered.get(name, 0) >= LEAST_ANSWERS]
    number = {name: i for i, name in enumerate(large)}
    rest = len(large)
    levels = np.array([number.get(name, rest) for name in table[scheme].to_list()], dtype=np.int64)
    sizes = [of_all[name] for name in large]
    if (levels == rest).any():
        sizes.append(sum(of_all.values()) - sum(sizes))
    targets = np.array(sizes, dtype=np.float64)
    return levels, targets / targets.sum(), float(targets.sum() / sum(of_all.values()))


def _above(table: pl.DataFrame, classes: dict[str, int] | None) -> Vector:
    if classes is None:
        return table["score"].cast(pl.Float64).to_numpy()
    of_class = {HIGH: table["high"], LOW: table["low"]}
    terms = [of_class[name].cast(pl.Float64).to_numpy() * sign for name, sign in classes.items()]
    total: Vector = np.sum(terms, axis=0)
    return total


def _weighted(
    counts: Vector, w: Vector, x: Vector, y: Vector, level: float
) -> tuple[float, float | None, float | None]:
    """The weighted ratio with Student's interval, weights taken as known (Kish 1965 for the degrees of freedom)."""
    a, b = w * y, w * x
    sums = RatioSums(
        y=np.array([(counts * a).sum()]),
        x=np.array([(counts * b).sum()]),
        yy=np.array([(counts * a * a).sum()]),
        yx=np.array([(counts * a * b).sum()]),
        xx=np.array([(counts * b * b).sum()]),
    )
    ratio, degrees = float(sums.ratio[0]), float(sums.n_effective[0]) - 1.0
    if degrees <= 0.0:
        return ratio, None, None
    half = float(student_quantile(degrees, 0.5 + level / 2.0) * np.sqrt(sums.variance[0]))
    return ratio, ratio - half, ratio + half
