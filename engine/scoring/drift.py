"""How the customers of a log differ from those that thresholds and models were found in.

The population stability index of a distribution over k classes is sum (q_i - p_i) log(q_i / p_i), p_i and q_i being the
old and the new share: Jeffreys' (1946) divergence, as credit scoring reads it (Siddiqi 2006, "Credit Risk
Scorecards"): below 0.1 hardly anything moved, from 0.25 on so much that a new fit is due. An empty class would make it
infinite, so half a customer is added to each class of both.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from whalecurve.engine.rfm import AnyThresholds
from whalecurve.engine.scoring.population import Population
from whalecurve.engine.titles import MOVED, MOVED_MUCH, STABLE

Record = dict[str, Any]

SLIGHT, STRONG = 0.1, 0.25
"""Indices from which something moved, and from which it moved much."""


def population_record(population: Population, means: Mapping[str, float | None], thresholds: AnyThresholds) -> Record:
    """What a later run has to know of the customers of this one, but for their segments, see `with_segments`.

    customers : all; scores : of those with a purchase, how many have each score, by name
    means : `days_since_last`, `n_purchase_days`, `value` and `T` (in the unit of the models) of customers with a
        purchase, `monetary_value` of repeat customers where positive; None where there are none of them. The last two
        are those of `FitData.means`.
    """
    has_purchase = population.n_purchase_days > 0
    n = int(has_purchase.sum())
    sums = {
        "days_since_last": float(np.arange(population.days.size) @ population.days),
        "n_purchase_days": float(population.n_purchase_days.sum(dtype=np.int64)),
        "value": float(population.values[has_purchase].sum()),
    }
    return {
        "customers": int(population.values.size),
        "scores": population.score_counts(thresholds),
        "means": {name: total / n if n else None for name, total in sums.items()} | dict(means),
    }


def with_segments(record: Record, segments: pl.DataFrame) -> Record:
    """The record with `segments`, the customers of each scheme and segment, from the table of all segments."""
    return record | {"segments": segments.select("scheme", "segment", "customers").to_dicts()}


def population_drift(old: Record, new: Record) -> Record:
    """What changed between two records of `population_record` under the same thresholds.

    customers : old and new number
    stability : index of each score and segment scheme, with its verdict
    scores, segments : old and new share of customers (scores: of customers with a purchase), None without any
    means : old and new mean
    """
    scores = [
        {"score": name, "value": i, "old": was, "new": now}
        for name, counts in new["scores"].items()
        for i, (was, now) in enumerate(zip(_shares(old["scores"][name]), _shares(counts), strict=True), start=1)
    ]
    stability = {name: stability_index(old["scores"][name], counts) for name, counts in new["scores"].items()}
    segments = []
    old_schemes = {row["scheme"] for row in old["segments"]}
    for scheme in dict.fromkeys(row["scheme"] for row in new["segments"]):
        if scheme in old_schemes:
            before, now = (_by_segment(record, scheme) for record in (old, new))
            names = list(dict.fromkeys([*now, *before]))
            counts = [[part.get(name, 0) for name in names] for part in (before, now)]
            stability[scheme] = stability_index(*counts)
            shares = zip(names, *(_shares(part) for part in counts), strict=True)
            segments += [
                {"scheme": scheme, "segment": name, "old": old_share, "new": new_share}
                for name, old_share, new_share in shares
            ]
    return {
        "customers": {"old": old["customers"], "new": new["customers"]},
        "stability": {name: {"index": index, "verdict": verdict(index)} for name, index in stability.items()},
        "scores": scores,
        "segments": segments,
        "means": [{"name": name, "old": old["means"].get(name), "new": mean} for name, mean in new["means"].items()],
    }


def stability_index(old: Sequence[int], new: Sequence[int]) -> float:
    """Population stability index of two lists of counts by class; 0 where the shares are the same."""
    n_old, n_new = (sum(counts) + len(counts) / 2.0 for counts in (old, new))
    shares = [((p + 0.5) / n_old, (q + 0.5) / n_new) for p, q in zip(old, new, strict=True)]
    return math.fsum((q - p) * math.log(q / p) for p, q in shares)


def verdict(index: float) -> str:
    """A stability index in a word."""
    return STABLE if index < SLIGHT else MOVED if index < STRONG else MOVED_MUCH


def _by_segment(record: Record, scheme: str) -> dict[str | None, int]:
    return {row["segment"]: row["customers"] for row in record["segments"] if row["scheme"] == scheme}


def _shares(counts: Sequence[int]) -> list[float | None]:
    total = sum(counts)
    return [n / total if total else None for n in counts]
