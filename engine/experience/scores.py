"""Scores by group, from counts of customers with equal answers: means, shares, NPS, response, with intervals.

The customer is the unit. Where somebody has several answers, as on several products, they go together in the variance
(`RatioSums`), and shares count as many independent answers as they are worth.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from whalecurve.engine.experience.pooling import NONE, pooled_values
from whalecurve.engine.experience.questions import HIGH, KINDS, LOW, NPS
from whalecurve.engine.experience.settings import Wave
from whalecurve.engine.experience.surveys import KEYS, latest, wave_called, wave_of
from whalecurve.engine.money import UNITS
from whalecurve.engine.publication import CUSTOMER
from whalecurve.engine.segments import LABELS
from whalecurve.engine.statistics import RatioSums, normal_quantile, student_quantile, wilson_interval
from whalecurve.kernels.arrays import Vector

ALL, PRODUCT, WAVE = "all", "product", "wave"

OWN = ("asked", "answered", "n", "score", "high", "low")
"""What is counted of a customer in a group: rows, those with a score, the latest answers, their sum, high, low ones."""

RATIOS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "mean": (("score",), "n"),
    "top_share": (("high",), "n"),
    "bottom_share": (("low",), "n"),
    "nps": (("high", "low"), "n"),
    "response_rate": (("answered",), "asked"),
}
"""Of each measure what is summed above the line (of two, the first less the second) and below."""


def answer_counts(answers: pl.DataFrame, customers: pl.DataFrame, wave: Wave) -> pl.DataFrame:
    """How many customers of each group have the same sums.

    Parameters
    ----------
    answers
        Rows of customers that are known, as `used` has them, in the order of `in_time`.
    customers
        customer_id, and the labels of all schemes.

    Returns
    -------
    DataFrame
        by, value, question, scale, the columns of `OWN`, and customers
    """
    waves = answers.with_columns(wave=wave_of(pl.col("day"), wave))
    everybody = _of_customers(answers)
    labelled = everybody.join(customers, on=CUSTOMER, how="left")
    tables = [_counted(everybody, ALL, pl.lit(None, dtype=pl.String))]
    tables += [_counted(labelled, scheme, pl.col(column).cast(pl.String)) for scheme, column in LABELS.items()]
    with_product = answers.filter(pl.col("product").is_not_null())
    tables.append(_counted(_of_customers(with_product, "product"), PRODUCT, pl.col("product")))
    tables.append(_counted(_of_customers(waves, "wave"), WAVE, wave_called(pl.col("wave"), wave)))
    return pl.concat(tables)


def _of_customers(answers: pl.DataFrame, key: str | None = None) -> pl.DataFrame:
    """One row a customer, question and scale, and value of the key: the columns of `OWN`."""
    keys = [CUSTOMER, *KEYS, *([key] if key else [])]
    asked = answers.group_by(keys).agg(
        asked=pl.len().cast(pl.Int64), answered=pl.col("score").is_not_null().sum().cast(pl.Int64)
    )
    within = ["product", *([key] if key == WAVE else [])]
    own = latest(answers, *within).group_by(keys)
    sums = own.agg(
        n=pl.len().cast(pl.Int64),
        score=pl.col("score").sum(),
        high=(pl.col("told") == HIGH).sum().cast(pl.Int64),
        low=(pl.col("told") == LOW).sum().cast(pl.Int64),
    )
    joined = asked.join(sums, on=keys, how="left", nulls_equal=True)
    return joined.with_columns(pl.col("n", "score", "high", "low").fill_null(0))


def _counted(of_customers: pl.DataFrame, by: str, value: pl.Expr) -> pl.DataFrame:
    return (
        of_customers.with_columns(by=pl.lit(by), value=value)
        .group_by("by", "value", *KEYS, *OWN)
        .agg(customers=pl.len().cast(pl.Int64))
    )


def told_groups(counts: pl.DataFrame, least: int) -> pl.DataFrame:
    """The same counts, small groups under one name, and without what cannot be told; see `pooled_values`."""
    has_answered = pl.when(pl.col("n") > 0).then(pl.col("customers")).otherwise(0)
    sizes = counts.group_by("by", "value", *KEYS).agg(customers=has_answered.sum())
    names = pooled_values(sizes.sort("by", *KEYS, "value"), ["by", *KEYS], least)
    told = counts.join(names, on=["by", "value", *KEYS], how="left", nulls_equal=True)
    kept = told.filter(pl.col("told").is_not_null()).with_columns(
        value=pl.when(pl.col("told") != NONE).then(pl.col("told"))
    )
    return kept.group_by("by", "value", *KEYS, *OWN).agg(pl.col("customers").sum())


def scores_of(counts: pl.DataFrame, level: float) -> pl.DataFrame:
    """Means, shares and NPS of every group, in the columns of `SCORES_SCHEMA`, in no order of rows.

    A question has response rates where somebody was asked it and did not answer.
    """
    has_answered = pl.when(pl.col("n") > 0).then(pl.col("customers")).otherwise(0)
    sums = (
        counts.group_by("by", "value", *KEYS)
        .agg(
            customers=has_answered.sum(),
            answers=(pl.col("customers") * pl.col("n")).sum(),
            asked=(pl.col("customers") * pl.col("asked")).sum(),
            **ratio_columns(RATIOS),
        )
        .filter(pl.col("customers") > 0)
        .sort("by", *KEYS, "value", nulls_last=True)
    )
    found = {name: ratio_sums(sums, name) for name in RATIOS}
    has_classes, is_nps = sums["question"].is_in(KINDS).to_numpy(), (sums["question"] == NPS).to_numpy()
    columns: dict[str, Vector] = {}
    columns |= mean_columns("mean", found["mean"], level, UNITS)
    for name in ("top_share", "bottom_share"):
        columns |= _where(has_classes, share_columns(name, found[name], level))
    columns |= _where(is_nps, _nps_columns(found["top_share"], found["bottom_share"], found["nps"], level))
    unanswered = (pl.col("asked") > pl.col("answered")).any()
    invited = counts.group_by(*KEYS).agg(is_known=unanswered)
    sums = sums.join(invited, on=list(KEYS), how="left", nulls_equal=True, maintain_order="left")
    knows = sums["is_known"].to_numpy()
    columns |= _where(knows, share_columns("response_rate", found["response_rate"], level))
    asked = pl.when("is_known").then("asked")
    return sums.select("by", "value", *KEYS, "customers", "answers", asked=asked).with_columns(
        pl.Series(name, vector).fill_nan(None) for name, vector in columns.items()
    )


def ratio_columns(ratios: Mapping[str, tuple[tuple[str, ...], str]]) -> dict[str, pl.Expr]:
    """Sums over customers, exact, of y, x and their products for each ratio; `customers` says how many have a row."""
    n = pl.col("customers").cast(pl.Int128)
    sums: dict[str, pl.Expr] = {}
    for name, (above, below) in ratios.items():
        y, x = pl.col(above[0]).cast(pl.Int128), pl.col(below).cast(pl.Int128)
        for less in above[1:]:
            y = y - pl.col(less)
        parts = {"y": y, "x": x, "yy": y * y, "yx": y * x, "xx": x * x}
        sums |= {f"{name}_{part}": (n * term).sum() for part, term in parts.items()}
    return sums


def ratio_sums(sums: pl.DataFrame, name: str) -> RatioSums:
    """The sums of one ratio, by row."""
    parts = {part: sums[f"{name}_{part}"].cast(pl.Float64).to_numpy() for part in ("y", "x", "yy", "yx", "xx")}
    return RatioSums(**parts)


def mean_columns(name: str, sums: RatioSums, level: float, units: int = 1) -> dict[str, Vector]:
    """A ratio with Student's interval, over customers; NaN for no interval where it rests on one."""
    degrees = np.where(sums.n_effective > 1.0, sums.n_effective - 1.0, np.nan)
    half = student_quantile(degrees, 0.5 + level / 2.0) * np.sqrt(sums.variance)
    ratio = sums.ratio
    return _named(name, ratio / units, (ratio - half) / units, (ratio + half) / units)


def share_columns(name: str, sums: RatioSums, level: float) -> dict[str, Vector]:
    """A share with Wilson's interval of as many independent answers as those of the customers are worth."""
    effect = np.where(sums.xx == sums.x, 1.0, sums.design_effect)
    low, high = wilson_interval(sums.y / effect, sums.x / effect, level)
    return _named(name, sums.ratio, low, high)


def _nps_columns(high: RatioSums, low: RatioSums, net: RatioSums, level: float) -> dict[str, Vector]:
    """NPS in points, with an interval by the variance of a multinomial.

    It is the difference of two shares of one sample, to each of which one answer is added: Bonett & Price (2012),
    Journal of Educational and Behavioral Statistics 37, 479-488. The plain interval has no width where all agree.
    """
    p, d = high.ratio, low.ratio
    plain = (p + d - (p - d) ** 2) / net.x
    worth = np.divide(net.variance, plain, out=np.ones(plain.shape), where=plain > 0.0)
    effect = np.where(net.xx == net.x, 1.0, np.fmax(worth, 1.0))
    n = net.x / effect
    p, d = (high.y / effect + 1.0) / (n + 2.0), (low.y / effect + 1.0) / (n + 2.0)
    half = normal_quantile(0.5 + level / 2.0) * np.sqrt((p + d - (p - d) ** 2) / (n + 2.0))
    ends = (np.maximum(p - d - half, -1.0), np.minimum(p - d + half, 1.0))
    return _named("nps", 100.0 * net.ratio, 100.0 * ends[0], 100.0 * ends[1])


def _named(name: str, *values: Vector) -> dict[str, Vector]:
    return dict(zip((name, f"{name}_low", f"{name}_high"), values, strict=True))


def _where(there_is: NDArray[np.bool_], columns: Mapping[str, Vector]) -> dict[str, Vector]:
    return {name: np.where(there_is, vector, np.nan) for name, vector in columns.items()}


def in_order(table: pl.DataFrame, segments: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Rows by group: all, the schemes with their segments in the order of the result, products, waves."""
    place = segments.select(by="scheme", value="segment").with_row_index("place")
    kinds = {name: i for i, name in enumerate((ALL, *LABELS, PRODUCT, WAVE))}
    ranked = table.join(place, on=["by", "value"], how="left", nulls_equal=True)
    kind = pl.col("by").replace_strict(kinds, return_dtype=pl.Int64)
    ordered = ranked.with_columns(kind=kind).sort(*keys, "kind", "place", "value", nulls_last=True)
    return ordered.select(table.columns)
