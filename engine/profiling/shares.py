"""Shares of a segment against shares of the base: index, lift with interval, and what marks the segment.

The index compares with all customers, so the segment is in both; lift, interval and test compare with the rest of the
base, as two groups that share nobody.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from whalecurve.engine.profiling.settings import Profiling
from whalecurve.engine.statistics import (
    Pair,
    RatioSums,
    columns_of,
    lift,
    marks_of,
    p_values,
    ratios,
    student_quantile,
    vector_of,
)
from whalecurve.kernels.arrays import Vector

SCHEMA = {
    "value": pl.String(),
    "n_segment": pl.Int64(),
    "n_base": pl.Int64(),
    "segment": pl.Float64(),
    "base": pl.Float64(),
    "rest": pl.Float64(),
    "index": pl.Float64(),
    "lift": pl.Float64(),
    "lift_low": pl.Float64(),
    "lift_high": pl.Float64(),
    "p_value": pl.Float64(),
    "q_value": pl.Float64(),
    "marks": pl.String(),
}
"""Columns of `of_customers` and `of_sums`.

value : null stands for none
n_segment, n_base : customers with the value
segment, base, rest : the share in the segment, among all customers, and outside the segment; or the mean
index : segment over base, the base being 100
lift, lift_low, lift_high : segment over rest with its interval; null where it has no bound
p_value, q_value : null where it was not tested
marks : "more" or "less", where it is significant and the lift is at least `min_lift`, or its inverse
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """Ratios of the segment, the base and the rest; lift of segment over rest; test. One row a value."""

    segment: Vector
    base: Vector
    rest: Vector
    lift: tuple[Vector, Vector, Vector]
    p: Vector


def of_customers(
    values: pl.DataFrame, n_segment: int, n_base: int, asked: Profiling, *, also_none: bool = False
) -> pl.DataFrame:
    """Shares of customers, from `values` with value, n_segment, n_base; each customer counts once.

    Intervals after Katz et al. (1978), tests exact where counts are small: see `p_values`. `also_none`:
    customers without a value are tested like those with one.
    """
    own, every = vector_of(values, "n_segment"), vector_of(values, "n_base")
    whole, rest = np.full(own.shape, float(n_segment)), np.full(own.shape, float(n_base - n_segment))
    measured = _Measured(
        segment=ratios(own, whole),
        base=every / n_base if n_base else np.full(every.shape, np.nan),
        rest=ratios(every - own, rest),
        lift=lift(own, whole, every - own, rest, asked.level),
        p=p_values(own, whole, every - own, rest),
    )
    return _rows(values, measured, asked, also_none=also_none)


def of_sums(values: pl.DataFrame, segment: RatioSums, base: RatioSums, asked: Profiling) -> pl.DataFrame:
    """Ratios Σy / Σx over customers: shares of orders, of value, of gaps; or means, where x is 1.

    The customer is the unit of the variance, by linearisation (see `RatioSums`): Var log R ≈ Σ (y − R·x)² /
    (Σy)², and intervals are t intervals of log lift, with as many degrees of freedom as customers of equal weight there
    are in the smaller group, less one. Null where a sum is not positive, as of a value that lost money.
    """
    rest = RatioSums(**{name: getattr(base, name) - getattr(segment, name) for name in ("y", "x", "yy", "yx", "xx")})
    zero = np.zeros(np.asarray(base.y).shape)
    pair = Pair(group=segment, rest=rest, yy=zero, yx=zero, xy=zero, xx=zero)
    measured = _Measured(
        segment=segment.ratio,
        base=base.ratio,
        rest=rest.ratio,
        lift=_lift_of_ratios(pair, asked.level),
        p=pair.p_values(),
    )
    return _rows(values, measured, asked, also_none=False)


def _lift_of_ratios(pair: Pair, level: float) -> tuple[Vector, Vector, Vector]:
    own, other = pair.group.ratio, pair.rest.ratio
    is_known = (own > 0.0) & (other > 0.0) & (pair.degrees_of_freedom > 0.0)
    degrees = np.where(is_known, pair.degrees_of_freedom, 1.0)
    relative = [
        np.divide(sums.squares(ratio), sums.y**2, out=np.zeros(own.shape), where=is_known)
        for sums, ratio in ((pair.group, own), (pair.rest, other))
    ]
    half = student_quantile(degrees, 0.5 + level / 2.0) * np.sqrt(
        (relative[0] + relative[1]) * (degrees + 1.0) / degrees
    )
    ratio = np.where(own >= 0.0, ratios(own, other), np.nan)
    with np.errstate(over="ignore"):
        low, high = ratio * np.exp(-half), ratio * np.exp(half)
    return ratio, np.where(is_known, low, np.nan), np.where(is_known, high, np.nan)


def _rows(values: pl.DataFrame, measured: _Measured, asked: Profiling, *, also_none: bool) -> pl.DataFrame:
    ratio, low, high = measured.lift
    is_value = values["value"].is_not_null().to_numpy() | also_none
    is_tested = (
        is_value & (vector_of(values, "n_base") >= asked.min_customers) & np.isfinite(measured.segment + measured.rest)
    )
    with np.errstate(invalid="ignore"):
        is_more, is_less = ratio >= asked.min_lift, ratio <= 1.0 / asked.min_lift
    q, marks = marks_of(measured.p, is_tested, is_more, is_less, asked.fdr)
    columns = {
        "segment": measured.segment,
        "base": measured.base,
        "rest": measured.rest,
        "index": 100.0 * np.where(measured.segment >= 0.0, ratios(measured.segment, measured.base), np.nan),
        "lift": ratio,
        "lift_low": low,
        "lift_high": high,
        "p_value": np.where(is_tested, measured.p, np.nan),
        "q_value": q,
    }
    return values.select(
        "value",
        "n_segment",
        "n_base",
        **columns_of(columns),
        marks=marks,
    ).cast(SCHEMA)  # type: ignore[arg-type]
